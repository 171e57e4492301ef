// Scripts beside the page, loaded when they are wanted: the one thing that a page from file:// may load.

/** @param path below the page's folder; where all is one file, the script is text in the page */
export function loadScript(path: string): Promise<void> {
  const script = document.createElement('script')
  const text = document.querySelector(`script[data-path="${path}"]`)?.textContent
  if (text) {
    script.textContent = text
    document.head.append(script)
    return Promise.resolve()
  }
  script.src = `./${path}`
  script.async = false // in the order in which they are asked for
  return new Promise((resolve, reject) => {
    script.onload = () => resolve()
    script.onerror = () => {
      script.remove()
      reject(new Error(`${path} is missing. Keep the page together with the folders beside it: copy the whole folder.`))
    }
    document.head.append(script)
  })
}
