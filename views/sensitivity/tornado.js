// One list element per number, kept between updates, so that focus stays where it was.
const make = (button) => {
  part('span', 'title', button)
  const track = part('span', 'track', button)
  part('span', 'part lowers', track)
  part('span', 'part raises', track)
  part('span', 'mark', track)
  const foot = part('span', 'foot', button)
  part('span', 'ends', foot)
  part('span', 'turn', foot)
}

const span = (element, from, to) => {
  element.style.left = from + '%'
  element.style.width = Math.max(0, to - from) + '%'
  element.hidden = to - from <= 0
}

const paint = (item, row, data) => {
  const find = (name) => item.querySelector('.' + name)
  for (const name of ['title', 'ends', 'turn']) find(name).textContent = row[name]
  find('turn').classList.toggle('inside', row.inside)
  const [least, most] = [Math.min(row.low, row.high), Math.max(row.low, row.high)]
  span(find('lowers'), least, Math.min(data.now, most))
  span(find('raises'), Math.max(data.now, least), most)
  find('mark').style.left = data.now + '%'
  find('row').setAttribute('aria-pressed', String(data.picked === row.id))
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  arrange(list, data.rows, parentElement, make, (item, row) => {
    item.firstChild.onclick = () => setTriggerValue('pick', row.id)
    paint(item, row, data)
  })
  const [least, now, most] = ['least', 'now', 'most'].map((name) => parentElement.querySelector('.' + name))
  ;[least.textContent, now.textContent, most.textContent] = data.scale
  now.style.left = Math.min(85, Math.max(15, data.now)) + '%'
  least.style.visibility = data.now < 25 ? 'hidden' : ''
  most.style.visibility = data.now > 75 ? 'hidden' : ''
}
