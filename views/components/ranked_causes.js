// One list element per cause, kept between updates, so that bars glide and focus stays where it was.
const make = (button) => {
  for (const name of ['rank', 'label']) part('span', name, button)
  const track = part('span', 'track', button)
  for (const name of ['bar', 'band', 'ghost', 'mark']) part('span', name, track)
  for (const name of ['beside', 'percent', 'note', 'range']) part('span', name, button)
}

const paint = (item, row, data) => {
  const find = (name) => item.querySelector('.' + name)
  for (const name of ['rank', 'label', 'note', 'beside', 'percent', 'range']) write(find(name), String(row[name]))
  find('bar').style.width = row.width + '%'
  find('band').style.left = row.low + '%'
  find('band').style.width = Math.max(0, row.high - row.low) + '%'
  find('band').hidden = !row.band
  find('mark').style.left = row.mark + '%'
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
    if (there) item.querySelector('.beside').dataset.after = '→ ' + after[item.dataset.id].text
  }
}

// The strip repeats the ranking for who has scrolled away from it; beside it, it would say everything twice.
const watched = new WeakMap()

const watch = (list, strip) => {
  if (watched.has(list)) return
  const eye = new IntersectionObserver(([seen]) => strip.classList.toggle('idle', seen.isIntersecting && list.children.length > 0), { threshold: .35 })
  eye.observe(list)
  watched.set(list, eye)
}

const listening = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  const live = parentElement.querySelector('[role=status]')
  const strip = parentElement.querySelector('.strip')
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const before = new Map([...list.children].map((item) => [item.dataset.id, item.offsetTop]))
  arrange(list, data.rows, parentElement, make, (item, row) => {
    item.firstChild.onclick = () => setTriggerValue('explain', row.id)
    paint(item, row, data)
  })
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
  list.classList.toggle('alone', data.alone)
  strip.classList.toggle('held', data.held)
  strip.classList.toggle('stop', data.stop)
  write(strip, data.strip)
  watch(list, strip)
  if (data.rows.length === 0) strip.classList.remove('idle')
  write(live, data.live)
  return () => {
    watched.get(list)?.disconnect()
    watched.delete(list)
    listening.get(parentElement)?.()
    listening.delete(parentElement)
  }
}
