// What a person sees of a page in a browser. Each judge says what is wrong, as a list: nothing wrong is an empty one.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const require = createRequire(join(process.cwd(), 'package.json'))
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** The smallest letters, in px. */
const LETTERS_MIN = 14
/** The least contrast of text with what is behind it: WCAG's AA. */
const CONTRAST_MIN = 4.5
/** How bright the paper of a dark page may be, and has to be of a light one, as WCAG's luminance. */
const DARK_MAX = 0.1
const LIGHT_MIN = 0.8

/** The page is as wide as the screen, and every letter is on it. */
export const fits = (page, width) =>
  page.evaluate((width) => {
    const wrong = []
    const root = document.scrollingElement
    if (innerWidth !== width) wrong.push(`it is laid out ${innerWidth} px wide on a screen of ${width} px`)
    if (root.scrollWidth > width) wrong.push(`it scrolls sideways: ${root.scrollWidth} px on a screen of ${width} px`)
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const text = texts.currentNode
      if (text.data.trim() === '' || text.parentElement.closest('.skip')) continue
      const range = document.createRange()
      range.selectNodeContents(text)
      const out = [...range.getClientRects()].some((place) => place.left < 0 || place.right > width + 0.5)
      if (out) wrong.push(`"${text.data.trim()}" does not fit on the screen`)
    }
    return wrong
  }, width)

/** Every text is seen, large enough, and stands out from what is behind it; the paper is dark or light as asked for. */
export const readable = (page, dark) =>
  page.evaluate(
    ({ dark, LETTERS_MIN, CONTRAST_MIN, DARK_MAX, LIGHT_MIN }) => {
      const wrong = []
      const rgba = (color) => {
        const parts = /^rgba?\(([^)]+)\)$/
          .exec(color)?.[1]
          .split(/[ ,/]+/)
          .map(Number)
        if (parts === undefined) throw new Error(`the color ${color} is not known here`)
        return [parts[0], parts[1], parts[2], parts[3] ?? 1]
      }
      const over = ([r, g, b, a], under) => [r, g, b].map((part, at) => part * a + under[at] * (1 - a))
      const luminance = (color) => {
        const [r, g, b] = color
          .map((part) => part / 255)
          .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const contrast = (one, two) => {
        const [less, more] = [luminance(one), luminance(two)].sort((a, b) => a - b)
        return (more + 0.05) / (less + 0.05)
      }
      const probe = document.body.appendChild(document.createElement('i'))
      probe.style.backgroundColor = 'Canvas'
      const canvas = rgba(getComputedStyle(probe).backgroundColor).slice(0, 3)
      probe.remove()
      /** What is behind an element, and how much of its own color is left by it and by what it stands in. */
      const place = (element) => {
        if (element === null) return { behind: canvas, share: 1 }
        const { behind, share } = place(element.parentElement)
        const style = getComputedStyle(element)
        if (style.backgroundImage !== 'none') wrong.push('a picture is behind the text')
        const here = share * Number(style.opacity)
        const [r, g, b, a] = rgba(style.backgroundColor)
        return { behind: over([r, g, b, a * here], behind), share: here }
      }
      const paper = luminance(place(document.body).behind)
      if (dark ? paper > DARK_MAX : paper < LIGHT_MIN) wrong.push(`the paper is not ${dark ? 'dark' : 'light'}: ${paper}`)
      let seen = 0
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      while (texts.nextNode()) {
        const [text, element] = [texts.currentNode, texts.currentNode.parentElement]
        if (text.data.trim() === '') continue
        const says = `"${text.data.trim()}"`
        const range = document.createRange()
        range.selectNodeContents(text)
        const { width, height } = range.getBoundingClientRect()
        const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
        if (!shown || width < 1 || height < 1) wrong.push(`${says} cannot be seen`)
        seen += 1
        const style = getComputedStyle(element)
        if (parseFloat(style.fontSize) < LETTERS_MIN) wrong.push(`${says} has letters of ${style.fontSize}`)
        const { behind, share } = place(element)
        const [r, g, b, a] = rgba(style.color)
        const ratio = contrast(over([r, g, b, a * share], behind), behind)
        if (ratio < CONTRAST_MIN) wrong.push(`${says} has a contrast of ${ratio.toFixed(2)}`)
      }
      if (seen === 0) wrong.push('there is no text')
      return [...new Set(wrong)]
    },
    { dark, LETTERS_MIN, CONTRAST_MIN, DARK_MAX, LIGHT_MIN },
  )

/** Whoever goes by keys gets to the link that leads to the content first, and sees it. */
export async function skips(page) {
  await page.keyboard.press('Tab')
  return page.evaluate(() => {
    const here = document.activeElement
    const place = here.getBoundingClientRect()
    if (!here.matches('a[href^="#"]')) return ['the first key does not lead to the link to the content']
    if (!document.querySelector(here.getAttribute('href'))) return ['the link to the content leads nowhere']
    return place.left >= 0 && place.width > 1 ? [] : ['the link to the content cannot be seen']
  })
}

/** axe, the judge of accessibility that nobody here wrote. */
export async function accessible(page) {
  await page.evaluate(AXE)
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  if (passes.length === 0) return ['axe looked at nothing']
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`)
}

/** Everything that can be read, as a person would copy it. */
export const text = (page) => page.evaluate(() => document.body.innerText)

/** What is told of incidents: how it stands, what is said of each, in the order of the page from its top. */
export const told = (page) =>
  page.evaluate(() => {
    const words = (element) => element?.innerText.trim()
    const high = (element) => element.getBoundingClientRect().top
    const ordered = (selector, within = document) =>
      [...within.querySelectorAll(selector)]
        .filter((one) => one.checkVisibility())
        .sort((one, two) => high(one) - high(two))
    const fact = (article, name) =>
      words([...article.querySelectorAll('dt')].find((dt) => words(dt) === name)?.nextElementSibling)
    return {
      state: words(document.querySelector('.state')),
      incidents: ordered('article').map((article) => ({
        title: words(article.querySelector('h2, h3')),
        state: fact(article, 'State'),
        updates: ordered('.updates > li', article).map((update) => ({
          says: words(update),
          at: update.querySelector('time').dateTime,
        })),
      })),
      past: ordered('.past > li').map(words),
    }
  })

/** An XML document as the browser reads it, as names, spaces, attributes, texts and children. */
export const tree = (page, xml) =>
  page.evaluate((xml) => {
    const document = new DOMParser().parseFromString(xml, 'application/xml')
    const broken = document.querySelector('parsererror')
    if (broken) return { broken: broken.textContent }
    const plain = (element) => ({
      name: element.localName,
      space: element.namespaceURI,
      attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
      text: element.textContent,
      children: [...element.children].map(plain),
    })
    return plain(document.documentElement)
  }, xml)

/** The paragraphs of a piece of HTML as the browser reads it. */
export const paragraphs = (page, html) =>
  page.evaluate((html) => {
    const document = new DOMParser().parseFromString(html, 'text/html')
    return [...document.querySelectorAll('p')].map((one) => one.textContent.trim())
  }, html)
