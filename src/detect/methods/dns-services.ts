// Domains of services that answer questions by DNS: block lists, virus scanners, content delivery.

/** Services that look up addresses, files or mail in DNS; their names and answers contain data, but they are known. */
export const DATA_SERVICES = new Set(
  [
    'spamhaus.org spamhaus.net surbl.org uribl.com uribl.eu sorbs.net spamcop.net barracudacentral.org abuseat.org dnswl.org mailspike.net njabl.org',
    'senderscore.com support-intelligence.net habeas.com isipp.com ahbl.org abuse.ch mcafee.com sophosxl.net sophosxl.com sophos.com e5.sk eset.com',
    'trendmicro.com trendmicro.de bitdefender.net kaspersky.com f-secure.com webroot.com brightcloud.com webcfs00.com fortiguard.net opendns.com',
    'team-cymru.com cymru.com malwarehash.net akamaiedge.net akamai.net akadns.net akamaihd.net edgekey.net edgesuite.net amazonaws.com cloudfront.net',
    'rackcdn.com verteiltesysteme.net dnsleaktest.com bash.ws ipleak.net apnic.net dotnxdomain.net measurementlabs.com dnscrypt.info google.com',
    'googlevideo.com googleusercontent.com windows.net azureedge.net office.com cloudapp.net trafficmanager.net fbcdn.net icloud.com',
  ]
    .join(' ')
    .split(' '),
)
