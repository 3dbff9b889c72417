// One list element per cause, kept between updates, so that bars glide and focus stays where it was.
const PREVIEW = 'neutropenia-preview' // sent by the open questions: what an answer would do, or nothing

const part = (tag, name, parent) => {
  const element = document.createElement(tag)
  element.className = name
  parent.appendChild(element)
  return element
}

const make = (row) => {
  const item = document.createElement('li')
  item.dataset.id = row.id
  const button = part('button', 'row', item)
  button.type = 'button'
  for (const name of ['rank', 'label']) part('span', name, button)
  const track = part('span', 'track', button)
  for (const name of ['bar', 'band', 'ghost', 'prior']) part('span', name, track)
  for (const name of ['change', 'percent']) part('span', name, button)
  const foot = part('span', 'foot', button)
  for (const name of ['people', 'range', 'start', 'note']) part('span', name, foot)
  return item
}

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

const paint = (item, row, data) => {
  const find = (name) => item.querySelector('.' + name)
  for (const name of ['rank', 'label', 'note', 'change', 'percent', 'people', 'range']) write(find(name), String(row[name]))
  write(find('start'), 'before ' + row.priorText)
  find('bar').style.width = row.width + '%'
  find('band').style.left = row.low + '%'
  find('band').style.width = Math.max(0, row.high - row.low) + '%'
  find('band').hidden = !row.band
  find('prior').style.left = row.prior + '%'
  item.classList.toggle('aside', row.note !== '')
  const button = find('row')
  button.setAttribute('aria-pressed', String(data.focus === row.id))
  button.title = 'Show what speaks for and against this cause'
}

// Hollow bars for the answer that is pointed at; the numbers in the rows stay those of now.
const preview = (list, after) => {
  for (const item of list.children) {
    const ghost = item.querySelector('.ghost')
    const there = after && item.dataset.id in after
    ghost.style.width = there ? after[item.dataset.id].width + '%' : '0'
    item.classList.toggle('previewing', Boolean(there))
    if (there) item.querySelector('.change').dataset.after = '→ ' + after[item.dataset.id].text
  }
}

const listening = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  const live = parentElement.querySelector('[role=status]')
  const strip = parentElement.querySelector('.strip')
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const seen = new Map([...list.children].map((item) => [item.dataset.id, item]))
  const before = new Map([...seen].map(([id, item]) => [id, item.offsetTop]))
  const focused = (parentElement.activeElement || document.activeElement || {})
  data.rows.forEach((row, position) => {
    let item = seen.get(row.id)
    if (!item) item = make(row)
    seen.delete(row.id)
    item.querySelector('.row').onclick = () => setTriggerValue('explain', row.id)
    paint(item, row, data)
    if (list.children[position] !== item) list.insertBefore(item, list.children[position] || null)
  })
  for (const item of seen.values()) item.remove()
  if (focused.classList && focused.classList.contains('row') && focused.isConnected) focused.focus()
  if (!still) {
    for (const item of list.children) {
      const moved = before.has(item.dataset.id) ? before.get(item.dataset.id) - item.offsetTop : 0
      if (moved) item.animate([{ transform: `translateY(${moved}px)` }, { transform: 'none' }], { duration: 220, easing: 'ease-out' })
    }
  }
  preview(list, null)
  if (!listening.has(parentElement)) {
    const listener = (event) => preview(list, event.detail)
    window.addEventListener(PREVIEW, listener)
    listening.set(parentElement, () => window.removeEventListener(PREVIEW, listener))
  }
  list.classList.toggle('held', data.held)
  list.classList.toggle('outside', data.outside)
  strip.classList.toggle('held', data.held)
  strip.classList.toggle('stop', data.stop)
  write(strip, data.strip)
  write(live, data.live)
  return () => {
    listening.get(parentElement)?.()
    listening.delete(parentElement)
  }
}
