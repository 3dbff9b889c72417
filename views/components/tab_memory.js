// Session storage belongs to this tab and this address alone. Where it is blocked, a reload starts afresh.
const NAME = 'neutropenia-visit'

export default function ({ data, setTriggerValue }) {
  try {
    if (!data.fresh) {
      sessionStorage.setItem(NAME, data.visit)
      return
    }
    const held = sessionStorage.getItem(NAME)
    if (held && held !== data.visit) setTriggerValue('restore', held)
  } catch {
    // nothing to keep and nothing to bring back
  }
}
