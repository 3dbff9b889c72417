// The picture is made anew from its shapes whenever it changes; texts go in as textContent.
const SVG = 'http://www.w3.org/2000/svg'
const TAGS = ['rect', 'line', 'polyline', 'polygon', 'circle', 'text']

const drawn = (shape) => {
  const element = document.createElementNS(SVG, TAGS.includes(shape.tag) ? shape.tag : 'g')
  for (const [name, value] of Object.entries(shape.attributes)) element.setAttribute(name, value)
  element.textContent = shape.text
  if (shape.title) element.appendChild(document.createElementNS(SVG, 'title')).textContent = shape.title
  return element
}

export default function ({ data, parentElement }) {
  const svg = parentElement.querySelector('svg')
  svg.setAttribute('viewBox', `0 0 ${data.width} ${data.height}`)
  svg.setAttribute('aria-label', data.name)
  svg.replaceChildren(...data.shapes.map(drawn))
}
