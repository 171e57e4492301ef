// Where the page is hosted over https: it can be installed, works without a network, and opens captures that the system hands to it.

declare global {
  /** Set by analyzer/data/list.js in a folder for hosting: there is a sw.js. */
  var rtnvisHosted: boolean | undefined
}

interface LaunchQueue {
  setConsumer(consume: (launch: { files: FileSystemFileHandle[] }) => void): void
}

/** @param take files that were opened with the installed page */
export function startInstalling(take: (files: Promise<File[]>) => void): void {
  if (!globalThis.rtnvisHosted || !isSecureContext || !location.protocol.startsWith('http')) return
  const link = document.createElement('link')
  link.rel = 'manifest'
  link.href = './analyzer/app.webmanifest'
  document.head.append(link)
  // Where the host or the user forbids it, the page works as before.
  navigator.serviceWorker?.register('./sw.js').catch(() => {})
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue }
  launchQueue?.setConsumer(({ files }) => {
    if (files.length > 0) take(Promise.all(files.map((file) => file.getFile())))
  })
}
