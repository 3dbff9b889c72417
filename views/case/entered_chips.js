// A chip leads to its question: its group is opened in the page itself, and only a search that hides it asks the server.
const LINES = 3
const PATIENCE = 4000 // ms until a group that was opened must have drawn its questions

const places = new WeakMap()

const focusable = (target) => {
  const box = document.querySelector('.st-key-' + CSS.escape(target))
  const found = box?.querySelector('input:not([disabled]), [role=radio][aria-checked=true], [role=radio], button')
  return found && found.offsetParent && !found.closest('details:not([open])') ? found : null
}

const reach = (row, ask) => {
  const end = performance.now() + PATIENCE
  let asked = false
  const step = () => {
    const field = focusable(row.target)
    if (field) {
      field.scrollIntoView({ block: 'center' })
      field.focus({ preventScroll: true, focusVisible: true })
      return
    }
    const folded = document.querySelector('.st-key-group_' + CSS.escape(row.group) + ' details:not([open]) > summary')
    if (folded) folded.click()
    else if (!asked && !document.querySelector('.st-key-' + CSS.escape(row.target))) { asked = true; ask() }
    if (performance.now() < end) setTimeout(step, folded ? 250 : 60)
  }
  step()
}

// Lines are counted by where chips stand; what is beyond the third cannot be reached by Tab either.
const fold = (list, all, open) => {
  const items = [...list.children]
  for (const item of items) item.hidden = false
  const tops = [...new Set(items.map((item) => item.offsetTop))]
  const hidden = tops.length > LINES ? items.filter((item) => item.offsetTop >= tops[LINES]) : []
  all.hidden = hidden.length === 0
  write(all, open ? 'Show three lines' : `Show all ${items.length}`)
  all.setAttribute('aria-expanded', String(open))
  if (!open) for (const item of hidden) item.hidden = true
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const list = parentElement.querySelector('ul')
  const all = parentElement.querySelector('.all')
  let held = places.get(parentElement)
  if (!held) {
    held = { open: false, count: 0 }
    held.watch = new ResizeObserver(() => { if (list.clientWidth !== held.width) { held.width = list.clientWidth; fold(list, all, held.open) } })
    held.watch.observe(list)
    places.set(parentElement, held)
  }
  const root = list.getRootNode()
  const active = root.activeElement?.closest?.('li')
  const place = active ? [...list.children].indexOf(active) : -1
  const before = new Map([...list.children].map((item) => [item.dataset.id, item]))
  const items = data.chips.map((row) => {
    let item = before.get(row.id)
    if (!item) {
      item = document.createElement('li')
      item.dataset.id = row.id
      for (const name of ['go', 'off']) part('button', name, item).type = 'button'
      item.lastChild.textContent = '×'
    }
    item.classList.toggle('unread', !row.usable)
    item.classList.toggle('fixed', row.fixed)
    item.lastChild.hidden = row.fixed
    write(item.firstChild, row.text)
    item.firstChild.title = 'Go to its question'
    item.lastChild.title = 'Remove'
    item.lastChild.setAttribute('aria-label', 'Remove ' + row.text)
    item.firstChild.onclick = () => reach(row, () => setStateValue('find', { id: row.id, at: ++held.count }))
    item.lastChild.onclick = () => setTriggerValue('remove', row.id)
    return item
  })
  for (const item of [...list.children]) if (!items.includes(item)) item.remove()
  items.forEach((item, at) => { if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null) })
  list.hidden = items.length === 0
  fold(list, all, held.open)
  root.host?.setAttribute('data-drawn', '') // until then the page keeps room for three lines
  all.onclick = () => { held.open = !held.open; fold(list, all, held.open) }
  if (place >= 0 && !active.isConnected) {
    const next = list.children[Math.min(place, items.length - 1)]
    const button = next?.querySelector('.off:not([hidden])') ?? next?.querySelector('.go')
    button?.focus()
  }
  return () => {
    held.watch.disconnect()
    places.delete(parentElement)
  }
}
