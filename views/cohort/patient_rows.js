// A table anew at every update; each row has a button that opens its patient.
export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.querySelector('caption').textContent = data.caption
  parentElement.querySelector('.scroll').setAttribute('aria-label', data.caption)
  const names = ['number', 'about', 'top', 'percent', 'second', 'scope']
  const shown = names.filter((name) => name !== 'about' || data.head[1] !== '')
  const head = parentElement.querySelector('thead tr')
  head.replaceChildren()
  for (const name of shown) part('th', name, head, data.head[names.indexOf(name)]).scope = 'col'
  const body = parentElement.querySelector('tbody')
  body.replaceChildren()
  for (const row of data.rows) {
    const line = part('tr', '', body)
    for (const name of shown) {
      if (name !== 'number') {
        const place = part('td', name, line, row[name])
        if (name === 'scope' && row.reason) part('span', 'reason', place, row.reason)
        continue
      }
      const first = part('th', name, line)
      first.scope = 'row'
      const button = part('button', '', first, String(row.number))
      button.type = 'button'
      button.setAttribute('aria-label', 'Open row ' + row.number + ' as the case')
      button.onclick = () => setTriggerValue('chosen', row.number)
    }
  }
}
