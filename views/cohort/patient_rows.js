// Every text comes from outside and goes in as textContent only.
const cell = (tag, name, text, parent) => {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = text
  parent.appendChild(element)
  return element
}

export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.querySelector('caption').textContent = data.caption
  parentElement.querySelector('.scroll').setAttribute('aria-label', data.caption)
  const names = ['number', 'about', 'top', 'percent', 'second', 'scope']
  const shown = names.filter((name) => name !== 'about' || data.head[1] !== '')
  const head = parentElement.querySelector('thead tr')
  head.replaceChildren()
  for (const name of shown) cell('th', name, data.head[names.indexOf(name)], head).scope = 'col'
  const body = parentElement.querySelector('tbody')
  body.replaceChildren()
  for (const row of data.rows) {
    const line = cell('tr', '', '', body)
    for (const name of shown) {
      if (name !== 'number') {
        const place = cell('td', name, row[name], line)
        if (name === 'scope' && row.reason) cell('span', 'reason', row.reason, place)
        continue
      }
      const first = cell('th', name, '', line)
      first.scope = 'row'
      const button = cell('button', '', String(row.number), first)
      button.type = 'button'
      button.setAttribute('aria-label', 'Open row ' + row.number + ' as the case')
      button.onclick = () => setTriggerValue('chosen', row.number)
    }
  }
}
