// Three libraries inject a <style> element, which `style-src 'self'` refuses. A constructed sheet is allowed, so the call is replaced by one.
const INJECTS = /(globe\.gl|three-render-objects|float-tooltip)\/dist\/.*\.mjs/
const CALL = 'styleInject(css_248z);'
const SHEET =
  '{const sheet=new CSSStyleSheet();sheet.replaceSync(css_248z);document.adoptedStyleSheets=[...document.adoptedStyleSheets,sheet]}'

export function sheetStyles() {
  return {
    name: 'sheet-styles',
    enforce: 'pre',
    transform(code, id) {
      if (!INJECTS.test(id)) return
      if (!code.includes(CALL)) throw new Error(`${id}: no "${CALL}" to replace; the library changed, look how it adds its styles`)
      return { code: code.replace(CALL, SHEET), map: null }
    },
  }
}
