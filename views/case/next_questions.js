// One list element per open question, kept between updates; pointing at an answer previews it in the ranking.
const show = (after) => window.dispatchEvent(new CustomEvent(PREVIEW, { detail: after }))

const answerButton = (row, answer, parent, send) => {
  const button = part('button', 'answer', parent)
  button.type = 'button'
  part('b', '', button, answer.label)
  part('span', 'odds', button, answer.odds)
  part('span', 'then', button, '→ ' + answer.then)
  button.setAttribute('aria-label', `${row.label}: ${answer.label}. ${answer.odds}. Then ${answer.then} leads.`)
  button.onmouseenter = button.onfocus = () => show(answer.after)
  button.onmouseleave = button.onblur = () => show(null)
  button.onclick = () => { show(null); send({ node: row.id, state: answer.state }) }
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
    part('span', 'label', head, row.label)
    for (const mark of row.marks) part('span', 'mark', head, mark)
    part('span', 'gauge', item).style.setProperty('--share', row.share + '%')
    part('div', 'worth', item, row.worth)
    const answers = part('div', 'answers', item)
    for (const answer of row.answers) answerButton(row, answer, answers, (chosen) => setTriggerValue('answer', chosen))
  }
  if (place >= 0) list.children[Math.min(place, list.children.length - 1)]?.querySelector('button')?.focus()
  return () => show(null)
}
