// Registrable domains of content networks, clouds, advertising and updates that occur in most captures: abbreviations that look generated.

const DOMAINS = new Set(
  [
    // Content networks
    'akadns.net akamai.net akamaiedge.net akamaihd.net akamaized.net akamaitechnologies.com akamaistream.net edgekey.net edgesuite.net edgefcs.net srip.net',
    'cloudfront.net fastly.net fastlylb.net cloudflare.net cloudflare-dns.com cloudflaressl.com azureedge.net azurefd.net b-cdn.net bunnycdn.com cdn77.org',
    'cachefly.net footprint.net hwcdn.net kxcdn.com llnwd.net lswcdn.net stackpathcdn.com stackpathdns.com systemcdn.net edgecastcdn.net',
    'jsdelivr.net unpkg.com gcdn.co cdnetworks.net cdngc.net wscdns.com wsdvs.com lxdns.com kunlunsl.com kunlunca.com tbcache.com cdntip.com dbankcdn.com',
    'qpic.cn gtimg.cn gtimg.com bdstatic.com bdimg.com bcebos.com alicdn.com aliyuncs.com mmstat.com tdnsv5.com ksyuncdn.com hicloud.com',
    'fbcdn.net cdninstagram.com tiktokcdn.com ttwstatic.com byteoversea.com ibytedtls.com pstatp.com snssdk.com twimg.com ytimg.com nflxvideo.net nflximg.net',
    'nflximg.com nflxext.com nflxso.net scdn.co sc-cdn.net sndcdn.com ttvnw.net jtvnw.net dropboxusercontent.com wbx2.com mzstatic.com aaplimg.com',
    // Clouds and updates
    'amazonaws.com awsdns-00.com ssl-images-amazon.com cloudapp.net trafficmanager.net msedge.net msecnd.net windows.net msftncsi.com msftconnecttest.com',
    'msftauth.net msauth.net s-microsoft.com sfx.ms gstatic.com ggpht.com gvt1.com gvt2.com gvt3.com 1e100.net googleapis.com googleusercontent.com',
    'avcdn.net secureserver.net mycdn.me yastatic.net nsatc.net ntp.org pphosted.com mktoresp.com',
    // Advertising and measurement
    'adnxs.com adsrvr.org bluekai.com crwdcntrl.net demdex.net omtrdc.net 2o7.net mathtag.com rlcdn.com rfihub.com tapad.com nr-data.net tiqcdn.com',
    'hs-analytics.net mxpnl.com bnmla.com smartadserver.com agkn.com exelator.com bidswitch.net casalemedia.com openx.net pubmatic.com rubiconproject.com',
    'adform.net adtechus.com everesttech.net turn.com zedo.com moatads.com scorecardresearch.com imrworldwide.com krxd.net nexac.com w55c.net rtbhouse.com',
  ]
    .join(' ')
    .split(' '),
)

export function isInfrastructure(registrable: string): boolean {
  return DOMAINS.has(registrable)
}
