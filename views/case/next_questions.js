// One list element per open question, kept between updates; pointing at an answer previews it in the ranking.
const show = (after) => window.dispatchEvent(new CustomEvent(PREVIEW, { detail: after }))

const answerButton = (row, answer, parent, list) => {
  const button = part('button', 'answer', parent)
  button.type = 'button'
  part('b', '', button, answer.label)
  part('span', 'odds', button, answer.odds)
  part('span', 'then', button, '→ ' + answer.then)
  button.setAttribute('aria-label', `${row.label}: ${answer.label}. ${answer.odds}. Then ${answer.then} leads.`)
  button.onmouseenter = button.onfocus = () => show(answer.after)
  button.onmouseleave = button.onblur = () => show(null)
  button.onclick = () => { show(null); list.answer({ node: row.id, state: answer.state }) }
}

const question = (row, list) => {
  const item = document.createElement('li')
  if (row.step) part('h4', 'step', item, row.step)
  const head = part('div', 'head', item)
  part('span', 'label', head, row.label)
  for (const mark of row.marks) part('span', 'mark', head, mark)
  part('span', 'gauge', item).style.setProperty('--share', row.share + '%')
  if (row.worth) part('div', 'worth', item, row.worth)
  const answers = part('div', 'answers', item)
  for (const answer of row.answers) answerButton(row, answer, answers, list)
  return item
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  const active = parentElement.activeElement || (parentElement.contains?.(document.activeElement) ? document.activeElement : null)
  const held = active && active.closest ? active.closest('li') : null
  const place = held ? [...list.children].indexOf(held) : -1
  list.answer = (chosen) => setTriggerValue('answer', chosen)
  const before = new Map([...list.children].map((item) => [item.dataset.row, item]))
  const items = data.rows.map((row) => {
    const said = JSON.stringify(row)
    const item = before.get(said) ?? question(row, list)
    item.dataset.row = said
    return item
  })
  for (const item of [...list.children]) if (!items.includes(item)) item.remove()
  // what says the same stays where it is: a press that began before an update still ends on its button
  items.forEach((item, place) => { if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null) })
  if (place >= 0 && !held.isConnected) list.children[Math.min(place, list.children.length - 1)]?.querySelector('button')?.focus()
  return () => show(null)
}
