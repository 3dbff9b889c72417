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
        self._compile(self._built(expanded_tables(network)))

    @staticmethod
    def _built(tables):
        gum = _pyagrum()
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
        return built

    @classmethod
    def of(cls, tables):
        """Return the peer of tables as ``expanded_tables`` gives them."""
        agrum = cls.__new__(cls)
        agrum._compile(cls._built(tables))
        return agrum

    def _compile(self, network):
        self.network = network
        self.engine = _pyagrum().LazyPropagation(network)

    @classmethod
    def read(cls, path):
        agrum = cls.__new__(cls)
        agrum._compile(_pyagrum().loadBN(str(path)))
        return agrum

    @classmethod
    def read_last_parent_fastest(cls, path):
        """Read an .xdsl or .uai, whose parents pyAgrum 3.3 takes in the wrong order, and put them right."""
        network = _pyagrum().loadBN(str(path))
        for node in network.names():
            cpt = network.cpt(node)
            read = np.asarray(cpt[:])  # filled in the order of the file as if the first parent ran fastest
            right = read.reshape(*read.shape[-2::-1], read.shape[-1])
            cpt[:] = np.ascontiguousarray(np.transpose(right, (*range(right.ndim - 1)[::-1], right.ndim - 1)))
        agrum = cls.__new__(cls)
        agrum._compile(network)
        return agrum

    def table(self, node, order):
        theirs = list(reversed(list(self.network.cpt(node).names)))
        return np.transpose(np.array(self.network.cpt(node)[:]), [theirs.index(name) for name in order])

    def ask(self, evidence):
        self.engine.setEvidence(evidence)
        self.engine.makeInference()

    def posterior(self, node):
        return np.asarray(self.engine.posterior(node)[:])
