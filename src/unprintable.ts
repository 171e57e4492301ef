// Characters that must not reach a reader as they are.

/**
 * Control and format characters (such as those that turn the direction of text, and invisible ones), lone surrogates, line and paragraph
 * separators: they could hide, reorder or overwrite what stands around a hostile name, on a page as on a terminal. By Unicode's general
 * categories.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
