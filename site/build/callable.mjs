// esbuild's options for a script that only defines a function, which returns the module's exports.

/**
 * `isCalled`, by the page's thread: engines compile a function in brackets while they read it, beside that thread, because such a function is
 * usually called at once; without brackets they compile it at the call (0.1 s for globe.js).
 */
export function callable(name, parameter, isCalled) {
  const [open, close] = isCalled ? ['(', ')'] : ['', '']
  return {
    format: 'cjs',
    platform: 'browser',
    banner: { js: `var ${name}=${open}function(${parameter}){var module={exports:{}};` },
    footer: { js: `return module.exports}${close};` },
  }
}
