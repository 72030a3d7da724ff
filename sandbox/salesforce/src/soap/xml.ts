// As much XML as a SOAP call needs: elements by their local names, texts, nothing else.

export type Element = { readonly name: string; readonly text: string; readonly children: readonly Element[] }

type Open = { name: string; text: string; children: Element[] }

const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)(?:[\w.-]+:)?([\w.-]+)[^>]*?(\/?)>|([^<]+)/g

/** The root element; undefined when the text is no XML of elements and texts. */
export function parseXml(xml: string): Element | undefined {
  const root: Open = { name: '', text: '', children: [] }
  const open: Open[] = [root]
  let end = 0
  for (const match of xml.matchAll(TOKEN)) {
    if (match.index !== end) return undefined
    end = match.index + match[0].length
    const [, closing, name, selfClosing, text] = match
    const inner = open.at(-1)
    if (!inner) return undefined
    if (text !== undefined) inner.text += decoded(text)
    else if (name === undefined) continue
    else if (closing) {
      if (open.length < 2 || inner.name !== name) return undefined
      open.pop()
    } else {
      const element: Open = { name, text: '', children: [] }
      inner.children.push(element)
      if (!selfClosing) open.push(element)
    }
  }
  return end === xml.length && open.length === 1 ? root.children[0] : undefined
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const decoded = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    name ? (ENTITIES[name] ?? whole) : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)),
  )

export const childrenNamed = (of: Element | undefined, name: string): readonly Element[] =>
  of?.children.filter(child => child.name === name) ?? []

export const childNamed = (of: Element | undefined, name: string): Element | undefined => childrenNamed(of, name)[0]

export const textOfChild = (of: Element | undefined, name: string): string | undefined => childNamed(of, name)?.text

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, char => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[char]};`)
