// The manual's Markdown files -> a collection that Astro renders (pages/manual).
import { defineCollection, z } from 'astro:content'
import { glob } from 'astro/loaders'

export const collections = {
  manual: defineCollection({
    loader: glob({ base: './src/content/manual', pattern: '*.md' }),
    schema: z.object({ order: z.number(), tables: z.array(z.string()).default([]) }),
  }),
}
