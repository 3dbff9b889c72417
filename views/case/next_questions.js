// One list element per open question, kept between updates; pointing at an answer previews it in the ranking.
const PREVIEW = 'neutropenia-preview'
const show = (after) => window.dispatchEvent(new CustomEvent(PREVIEW, { detail: after }))

const part = (tag, name, parent) => {
  const element = document.createElement(tag)
  element.className = name
  parent.appendChild(element)
  return element
}

const answerButton = (row, answer, send) => {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'answer'
  part('b', '', button).textContent = answer.label
  part('span', 'odds', button).textContent = answer.odds
  part('span', 'then', button).textContent = '→ ' + answer.then
  button.setAttribute('aria-label', `${row.label}: ${answer.label}. ${answer.odds}. Then ${answer.then} leads.`)
  button.onmouseenter = button.onfocus = () => show(answer.after)
  button.onmouseleave = button.onblur = () => show(null)
  button.onclick = () => { show(null); send({ node: row.id, state: answer.state }) }
  return button
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  const active = parentElement.activeElement || (parentElement.contains?.(document.activeElement) ? document.activeElement : null)
  const held = active && active.closest ? active.closest('li') : null
  const place = held ? [...list.children].indexOf(held) : -1
  list.replaceChildren()
  for (const row of data.rows) {
    const item = part('li', '', list)
    const head = part('div', 'head', item)
    part('span', 'label', head).textContent = row.label
    for (const mark of row.marks) part('span', 'mark', head).textContent = mark
    part('span', 'gauge', item).style.setProperty('--share', row.share + '%')
    part('div', 'worth', item).textContent = row.worth
    const answers = part('div', 'answers', item)
    for (const answer of row.answers) answers.appendChild(answerButton(row, answer, (chosen) => setTriggerValue('answer', chosen)))
  }
  if (place >= 0) list.children[Math.min(place, list.children.length - 1)]?.querySelector('button')?.focus()
  return () => show(null)
}
