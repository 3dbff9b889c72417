// What was seen is noted in this browser alone, one word without any finding. Where that is not allowed, the steps come
// once a page and can be skipped all the same.
const SEEN = 'neutropenia-first-visit'
const held = new WeakMap()
let gone = false
let answered = 0 // how often they were asked for, and came

const seen = () => {
  try {
    return gone || localStorage.getItem(SEEN) !== null
  } catch {
    return gone
  }
}

const note = () => {
  gone = true
  try {
    localStorage.setItem(SEEN, 'seen')
  } catch {
    // nothing to note it in
  }
}

// By a rule of its own: a class on the element would be gone when the element is drawn again.
const edge = document.createElement('style')

const point = (target) => {
  edge.textContent = target ? `.st-key-${target} { outline: 3px dashed currentColor; outline-offset: 3px; border-radius: .3rem; }` : ''
  if (!edge.isConnected) document.head.appendChild(edge)
}

export default function ({ data, parentElement }) {
  const steps = parentElement.querySelector('.steps')
  const find = (name) => steps.querySelector('.' + name)
  const state = held.get(parentElement) ?? { at: 0 }
  held.set(parentElement, state)
  const close = () => {
    note()
    delete steps.dataset.asked
    steps.hidden = true
    steps.getRootNode().host?.removeAttribute('data-open')
    point('')
  }
  const show = () => {
    const step = data.steps[state.at]
    write(find('count'), `${state.at + 1} of ${data.steps.length}`)
    write(find('title'), step.title + '.')
    write(find('words'), step.words)
    write(find('next'), state.at + 1 < data.steps.length ? 'Next' : 'Done')
    find('skip').hidden = state.at + 1 === data.steps.length
    steps.hidden = false
    steps.getRootNode().host?.setAttribute('data-open', '')
    point(step.target)
  }
  find('next').onclick = () => {
    state.at += 1
    if (state.at < data.steps.length) show()
    else close()
  }
  find('skip').onclick = close
  steps.onkeydown = (event) => { if (event.key === 'Escape') close() }
  if (data.again > answered) {
    answered = data.again
    state.at = 0
    show()
    steps.dataset.asked = ''
  } else if (!seen() || steps.dataset.asked === '') show()
  else steps.hidden = true
  return () => point('')
}
