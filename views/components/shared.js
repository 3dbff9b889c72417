// Goes before the script of every component.
const PREVIEW = 'neutropenia-preview' // sent by the open questions: what an answer would do, or nothing

// Every text comes from outside and goes in as textContent only.
const part = (tag, name, parent, text = '') => {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = text
  parent.appendChild(element)
  return element
}

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

// One item a row, kept between updates and moved where it now belongs, so that the focus stays where it was.
const arrange = (list, rows, parentElement, make, paint) => {
  const seen = new Map([...list.children].map((item) => [item.dataset.id, item]))
  const focused = parentElement.activeElement || document.activeElement || {}
  rows.forEach((row, position) => {
    let item = seen.get(row.id)
    if (!item) {
      item = document.createElement('li')
      item.dataset.id = row.id
      part('button', 'row', item).type = 'button'
      make(item.firstChild)
    }
    seen.delete(row.id)
    paint(item, row)
    if (list.children[position] !== item) list.insertBefore(item, list.children[position] || null)
  })
  for (const item of seen.values()) item.remove()
  if (focused.classList && focused.classList.contains('row') && focused.isConnected) focused.focus()
}
