// One list element per cause, kept between updates, so that bars glide and focus stays where it was.
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
  const head = part('span', 'head', button)
  for (const name of ['rank', 'label', 'note', 'change', 'percent']) part('span', name, head)
  const track = part('span', 'track', button)
  part('span', 'bar', track)
  part('span', 'band', track)
  part('span', 'prior', track)
  const foot = part('span', 'foot', button)
  for (const name of ['people', 'range', 'start']) part('span', name, foot)
  return item
}

const paint = (item, row, data) => {
  const find = (name) => item.querySelector('.' + name)
  for (const name of ['rank', 'label', 'note', 'change', 'percent', 'people', 'range']) {
    const text = String(row[name])
    if (find(name).textContent !== text) find(name).textContent = text
  }
  find('start').textContent = 'starting share ' + row.priorText
  find('bar').style.width = row.width + '%'
  find('band').style.left = row.low + '%'
  find('band').style.width = Math.max(0, row.high - row.low) + '%'
  find('prior').style.left = row.prior + '%'
  item.classList.toggle('aside', row.note !== '')
  item.classList.toggle('up', row.change.startsWith('▲'))
  item.classList.toggle('down', row.change.startsWith('▼'))
  const button = find('row')
  button.setAttribute('aria-expanded', String(data.focus === row.id))
  button.title = 'Show states and the record behind the starting share'
}

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
  list.classList.toggle('held', data.held)
  list.classList.toggle('outside', data.outside)
  strip.classList.toggle('held', data.held)
  strip.classList.toggle('stop', data.stop)
  strip.textContent = data.strip
  if (live.textContent !== data.live) live.textContent = data.live
}
