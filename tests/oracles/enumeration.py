"""The oracle: posteriors by summing the whole joint, one dictionary at a time. Shares no code with ``model``.

It reads the elementary numbers of a network (context tables, cause tables, link and background distribution functions,
selection) and multiplies them itself, slowly and in the open.
"""

from itertools import product
from math import log


def noisy_max_cell(finding, cause_states, context_states, state):
    """P(finding = state | causes, contexts): difference of two products of distribution functions."""

    def at_most(k):
        if k < 0:
            return 0.0
        value = float(finding.background[tuple(context_states[c] for c in finding.contexts)][k])
        for cause in finding.causes:
            value *= float(finding.links[cause][cause_states[cause]][k])
        return value

    return at_most(state) - at_most(state - 1)


def pair_cells(pair, cause_states, context_states):
    """[[P(neither), P(second only)], [P(first only), P(both)]]: what any source brings shows."""

    def brought(neither, no_first, no_second):
        return [[neither, no_first - neither], [no_second - neither, 1 - no_first - no_second + neither]]

    background = pair.background[tuple(context_states[c] for c in pair.contexts)]
    sources = [background, *(pair.links[cause][cause_states[cause]] for cause in pair.causes)]
    shows = [[1.0, 0.0], [0.0, 0.0]]
    for neither, no_first, no_second, _ in sources:
        brings, after = brought(float(neither), float(no_first), float(no_second)), [[0.0, 0.0], [0.0, 0.0]]
        for i, j, k, n in product((0, 1), repeat=4):
            after[max(i, k)][max(j, n)] += shows[i][j] * brings[k][n]
        shows = after
    return shows


def findings_likelihood(network, at, likelihoods):
    """P(what was entered on findings | contexts and causes), two that fall together taken together."""
    value, left = 1.0, dict(likelihoods)
    for pair in network.pairs:
        if pair.first in left or pair.second in left:
            anything = {0: 1.0, 1: 1.0}
            first, second = left.pop(pair.first, anything), left.pop(pair.second, anything)
            cells = pair_cells(pair, at, at)
            value *= sum(first.get(i, 0.0) * second.get(j, 0.0) * cells[i][j] for i in (0, 1) for j in (0, 1))
    for f in network.findings:
        if f.id in left:
            value *= sum(like * noisy_max_cell(f, at, at, k) for k, like in left[f.id].items())
    return value


def _left(node, evidence):
    """The states of a node that the evidence leaves possible."""
    entered = evidence.get(node.id, {})
    return [k for k in range(len(node.states)) if node.id not in evidence or entered.get(k, 0.0)]


def joint_terms(network, evidence):
    """Yield (assignment of contexts and causes, P(assignment, evidence, low count)).

    evidence : node -> {state index: likelihood}; unobserved findings sum to one and are left out.
    """
    contexts, causes = network.contexts, network.causes
    for context_values in product(*(_left(c, evidence) for c in contexts)):
        at = {c.id: v for c, v in zip(contexts, context_values, strict=True)}
        prior = 1.0
        for c in contexts:
            prior *= float(c.table[(*(at[p] for p in c.parents), at[c.id])])
            prior *= evidence.get(c.id, {}).get(at[c.id], 0.0) if c.id in evidence else 1.0
        if prior == 0:
            continue
        for cause_values in product(*(_left(c, evidence) for c in causes)):
            s = {c.id: v for c, v in zip(causes, cause_values, strict=True)}
            weight = prior * float(network.selection[sum(v > 0 for v in cause_values)])
            for c in causes:
                weight *= float(c.table[(*(at[x] for x in c.contexts), s[c.id])])
                weight *= evidence.get(c.id, {}).get(s[c.id], 0.0) if c.id in evidence else 1.0
            if weight == 0:
                continue
            found = {f.id: evidence[f.id] for f in network.findings if f.id in evidence}
            yield {**at, **s}, weight * findings_likelihood(network, {**at, **s}, found)


def enumerate_posterior(network, evidence):
    """Return (node -> list of P(state | evidence), ln P(evidence | low count)) for contexts, causes and findings."""
    total, before = 0.0, 0.0
    sums = {n.id: [0.0] * len(n.states) for n in (*network.contexts, *network.causes, *network.findings)}
    for _, weight in joint_terms(network, {}):
        before += weight
    for assignment, weight in joint_terms(network, evidence):
        total += weight
        for node, value in assignment.items():
            sums[node][value] += weight
        for f in network.findings:
            if f.id not in evidence and weight:
                partner = {x: evidence[x] for pair in network.pairs for x in (pair.first, pair.second)
                           if f.id in (pair.first, pair.second) and x in evidence}  # fmt: skip
                without = findings_likelihood(network, assignment, partner)
                for k in range(len(f.states)):
                    sums[f.id][k] += (
                        weight / without * findings_likelihood(network, assignment, {**partner, f.id: {k: 1}})
                    )
    if total == 0:
        return None, float("-inf")
    return {node: [value / total for value in values] for node, values in sums.items()}, log(total / before)
