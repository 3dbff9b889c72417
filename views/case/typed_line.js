// The field belongs to the browser: what is typed while an answer is on its way is never overwritten.
const PAUSE = 250 // ms without a key, after which the line is read
const BUSY = 700 // and at the latest after this long, for whoever types without a pause

const drawn = new WeakMap()

const taken = (element) => {
  const inner = element?.shadowRoot?.activeElement ?? element
  return Boolean(inner && (inner.isContentEditable || inner.matches?.('input, textarea, select, [role=combobox], [role=textbox]')))
}

// What was typed after Enter stands behind what stays in the line.
const merged = (now, sent, left) => {
  if (now === sent) return left
  const more = now.startsWith(sent) ? now.slice(sent.length).replace(/^[\s,;]+/, '') : now
  return left && more ? left + ', ' + more : left + more
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const field = parentElement.querySelector('input')
  const list = parentElement.querySelector('ul')
  let held = drawn.get(parentElement)
  if (!held) {
    held = { turn: null, sent: '', said: '', timer: 0, since: 0 }
    drawn.set(parentElement, held)
  }
  if (held.turn !== data.turn) {
    field.value = held.turn === null ? data.text : merged(field.value, held.sent, data.text)
    held.turn = data.turn
    held.said = field.value
  }
  const tell = () => {
    held.since = 0
    if (field.value === held.said) return
    held.said = field.value
    setStateValue('text', field.value)
  }
  const enter = () => {
    clearTimeout(held.timer)
    held.since = 0
    if (!field.value.trim()) return
    held.sent = held.said = field.value
    setTriggerValue('enter', field.value)
  }
  field.oninput = () => {
    clearTimeout(held.timer)
    held.since ||= Date.now()
    held.timer = setTimeout(tell, Math.max(0, Math.min(PAUSE, held.since + BUSY - Date.now())))
  }
  field.onkeydown = (event) => {
    if (event.key === 'Enter' && !event.isComposing) { event.preventDefault(); enter() }
    if (event.key === 'Escape') field.blur()
  }
  parentElement.querySelector('button').onclick = () => { enter(); field.focus() }
  list.replaceChildren(...data.pieces.map((piece) => {
    const item = document.createElement('li')
    item.className = piece.understood ? 'read' : piece.said ? 'unread' : 'open'
    part('span', 'typed', item, piece.text)
    if (piece.said) part('span', 'said', item, piece.said)
    return item
  }))
  for (const said of data.told) part('li', 'told', list, said)
  if (list.scrollHeight > list.clientHeight) list.tabIndex = 0 // what scrolls is reached by keyboard
  else list.removeAttribute('tabindex')
  write(parentElement.querySelector('[role=status]'), data.status)
  const slash = (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || taken(document.activeElement)) return
    event.preventDefault()
    field.focus()
    field.scrollIntoView({ block: 'nearest' })
  }
  held.off?.()
  document.addEventListener('keydown', slash)
  held.off = () => document.removeEventListener('keydown', slash)
  return () => {
    clearTimeout(held.timer)
    held.off()
    drawn.delete(parentElement)
  }
}
