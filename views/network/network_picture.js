// Nodes are kept between updates, so that bars glide and the focus stays. Edges are drawn in pixels, anew on a resize.
const SVG = 'http://www.w3.org/2000/svg'

const make = (id) => {
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset.id = id
  button.tabIndex = -1
  part('span', 'bars', button)
  part('span', 'prior', button)
  part('span', 'label', button)
  part('span', 'headline', button)
  part('span', 'lines', button)
  part('span', 'tie', button)
  return button
}

const place = (element, it) => {
  element.style.setProperty('--x', 100 * it.x + '%')
  element.style.setProperty('--w', 100 * it.w + '%')
  element.style.setProperty('--y', it.y + 'em')
  if (it.h) element.style.setProperty('--h', it.h + 'em')
}

const paint = (button, node, selected) => {
  button.className = ['node', node.role, node.entered ? 'entered' : '', node.id === selected ? 'selected' : ''].join(' ')
  button.setAttribute('aria-pressed', String(node.id === selected))
  button.setAttribute('aria-label', node.name)
  const find = (name) => button.querySelector('.' + name)
  write(find('label'), node.label)
  write(find('headline'), node.headline)
  const lines = find('lines')
  while (lines.children.length > node.lines.length) lines.lastChild.remove()
  node.lines.forEach((line, i) => write(lines.children[i] || part('span', 'line', lines), line))
  const bars = find('bars')
  while (bars.children.length > node.bars.length) bars.lastChild.remove()
  node.bars.forEach((width, i) => { (bars.children[i] || part('span', 'bar', bars)).style.width = width + '%' })
  find('prior').style.display = node.prior === null ? 'none' : ''
  find('prior').style.left = node.prior + '%'
  place(button, node)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const net = parentElement.querySelector('.net')
  const board = parentElement.querySelector('.board')
  const svg = parentElement.querySelector('svg')
  const live = parentElement.querySelector('[role=status]')
  const seen = new Map([...board.querySelectorAll('button')].map((button) => [button.dataset.id, button]))
  const nodes = new Map(data.nodes.map((node) => [node.id, node]))
  const buttons = new Map()
  const isList = () => getComputedStyle(svg).display === 'none'

  for (const old of board.querySelectorAll('.head')) old.remove()
  for (const node of data.nodes) {
    const button = seen.get(node.id) || make(node.id)
    seen.delete(node.id)
    buttons.set(node.id, button)
    paint(button, node, data.selected)
    button.onclick = () => {
      net.dataset.chosen = isList() ? 'yes' : ''
      setTriggerValue('select', node.id)
    }
    button.onfocus = () => {
      stop(node.id)
      lightAgain()
    }
    if (!button.isConnected) board.appendChild(button)
  }
  for (const button of seen.values()) button.remove()
  for (const heading of data.headings) {
    const head = part('p', heading.first ? 'head first' : 'head', board, heading.text)
    place(head, heading)
    board.insertBefore(head, buttons.get(heading.before) || null)
  }
  board.style.setProperty('--height', data.height + 'em')

  const stop = (id) => {
    for (const [other, button] of buttons) button.tabIndex = other === id ? 0 : -1
  }
  const held = [...buttons.values()].find((button) => button.matches(':focus'))
  stop(held ? held.dataset.id : data.selected)

  // Edges
  const scale = () => {
    const em = parseFloat(getComputedStyle(board).fontSize)
    const wide = board.clientWidth / 1000
    return (curve) => curve.map((number, i) => (number * (i % 2 ? em : wide)).toFixed(1))
  }
  const path = (edge, to, parent) => {
    const c = to(edge.curve)
    const line = parent.appendChild(document.createElementNS(SVG, 'path'))
    line.setAttribute('d', `M${c[0]} ${c[1]}C${c[2]} ${c[3]} ${c[4]} ${c[5]} ${c[6]} ${c[7]}`)
    line.style.strokeWidth = (0.9 + 3.6 * edge.weight).toFixed(2)
    line.dataset.edge = edge.from + '>' + edge.to
    return c
  }
  const light = (id) => {
    const group = svg.querySelector('.lit')
    group.replaceChildren()
    const near = new Map()
    const to = scale()
    for (const edge of data.edges) {
      if (edge.from !== id && edge.to !== id) continue
      if (edge.from === id) near.set(edge.to, '▸ follows')
      else near.set(edge.from, '◂ acts on it')
      const c = path(edge, to, group)
      const tip = group.appendChild(document.createElementNS(SVG, 'path'))
      const size = 2.8 + 1.6 * edge.weight
      tip.setAttribute('class', 'tip')
      tip.setAttribute('d', `M${c[6]} ${c[7]}l${-2.2 * size} ${-size}v${2 * size}z`)
    }
    svg.classList.toggle('some', group.childElementCount > 0)
    for (const [other, button] of buttons) {
      button.classList.toggle('near', near.has(other))
      if (id === data.selected) write(button.querySelector('.tie'), near.get(other) || '') // a hover must not move the list
    }
  }
  const draw = () => {
    const all = svg.querySelector('.all')
    all.replaceChildren()
    svg.setAttribute('width', board.clientWidth)
    svg.setAttribute('height', board.clientHeight)
    const to = scale()
    for (const edge of data.edges) path(edge, to, all)
    lightAgain()
  }
  const lightAgain = () => {
    const focused = [...buttons.values()].find((button) => button.matches(':focus-visible'))
    light(focused ? focused.dataset.id : data.selected)
  }
  board.onpointerover = (event) => {
    const button = event.target.closest('button')
    if (button) light(button.dataset.id)
    else lightAgain()
  }
  board.onpointerleave = lightAgain
  board.onkeydown = (event) => {
    const button = event.target.closest('button')
    const at = button && nodes.get(button.dataset.id)
    const wanted = at && next(event.key, at)
    if (!wanted) return
    event.preventDefault()
    buttons.get(wanted.id).focus()
  }
  const next = (key, at) => {
    const column = data.nodes.filter((node) => node.column === at.column).sort((a, b) => a.y - b.y)
    const here = column.indexOf(at)
    if (key === 'ArrowDown') return column[here + 1]
    if (key === 'ArrowUp') return column[here - 1]
    if (key === 'Home') return column[0]
    if (key === 'End') return column[column.length - 1]
    const side = { ArrowLeft: -1, ArrowRight: 1 }[key]
    if (!side) return undefined
    const middle = (node) => node.y + node.h / 2
    const beside = data.nodes.filter((node) => node.column === at.column + side)
    return beside.sort((a, b) => Math.abs(middle(a) - middle(at)) - Math.abs(middle(b) - middle(at)))[0]
  }
  if (net._resized) net._resized.disconnect()
  net._resized = new ResizeObserver(draw)
  net._resized.observe(board)
  draw()

  if (net.dataset.chosen === 'yes' && net.dataset.before !== data.selected) {
    const panel = document.querySelector('.st-key-network_node_panel')
    if (panel) panel.scrollIntoView({ block: 'start' })
    net.dataset.chosen = ''
  }
  net.dataset.before = data.selected
  write(live, data.said)
  return () => net._resized && net._resized.disconnect()
}
