"""Other engines asked the same question: pgmpy and pyAgrum, each given the expanded tables."""

import warnings

import numpy as np

from model.network.exchange import expanded_tables, quiet_pgmpy, to_pgmpy


def _pyagrum():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning of its SWIG types, turned into an error, crashes the interpreter
        import pyagrum

    return pyagrum


class Pgmpy:
    """pgmpy's variable elimination; a fresh engine per query because pgmpy keeps state."""

    def __init__(self, network):
        self.exported = to_pgmpy(network)

    def posterior(self, node, states, evidence):
        with quiet_pgmpy():
            from pgmpy.inference import VariableElimination
        factor = VariableElimination(self.exported).query([node], evidence=evidence, show_progress=False)
        return np.array([factor.values[factor.state_names[node].index(state)] for state in states])


class Agrum:
    """pyAgrum's lazy propagation."""

    def __init__(self, network):
        gum = _pyagrum()
        tables = expanded_tables(network)
        built = gum.BayesNet()
        for node, (states, _, _) in tables.items():
            built.add(gum.LabelizedVariable(node, node, list(states)))
        for node, (_, parents, _) in tables.items():
            for parent in parents:
                built.addArc(parent, node)
        for node, (_, parents, table) in tables.items():
            ours, theirs = [*parents, node], list(built.cpt(node).names)
            order = [ours.index(name) for name in reversed(theirs)]  # pyAgrum's array has its first variable last
            built.cpt(node)[:] = np.ascontiguousarray(np.transpose(table, order))
        self._compile(built)

    def _compile(self, network):
        self.network = network
        self.engine = _pyagrum().LazyPropagation(network)

    @classmethod
    def read(cls, path):
        agrum = cls.__new__(cls)
        agrum._compile(_pyagrum().loadBN(str(path)))
        return agrum

    def table(self, node, order):
        theirs = list(reversed(list(self.network.cpt(node).names)))
        return np.transpose(np.asarray(self.network.cpt(node)[:]), [theirs.index(name) for name in order])

    def ask(self, evidence):
        self.engine.setEvidence(evidence)
        self.engine.makeInference()

    def posterior(self, node):
        return np.asarray(self.engine.posterior(node)[:])
