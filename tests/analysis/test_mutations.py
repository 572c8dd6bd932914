"""Which names from above a body visibly changes in place."""

from __future__ import annotations

import pytest

from nbflow.analysis import analyse

CHANGES = [
    # writes that the grammar shows
    ("x[0] = 1", "x"),
    ("x.a = 1", "x"),
    ("x.a.b[0] += 1", "x"),
    ("x['k']['l'] = 1", "x"),
    ("del x[0]", "x"),
    ("del x.a", "x"),
    ("x[0], y = 1, 2", "x"),
    ("for x[0] in y: pass", "x"),
    ("(x if a else y)[0] = 1", "x y"),
    ("x.loc[x.a > 1, 'b'] = 0", "x"),
    ("os.environ['A'] = '1'", "os"),
    # methods
    ("x.append(1)", "x"),
    ("x.a[0].append(1)", "x"),
    ("x.setdefault(k, []).append(1)", "x"),
    ("x.get(k).append(1)", "x"),
    ("y = x.pop()", "x"),
    ("x.sort()", "x"),
    ("x.sort(key=len, reverse=True)", "x"),
    ("x.fill(0)", "x"),
    ("x.add_(1)", "x"),
    ("await x.update(1)", "x"),
    ("[x.append(i) for i in y]", "x"),
    ("y = [i for i in z if i not in x and not x.add(i)]", ""),
    ("y = [i for i in z if not (i in x or x.add(i))]", "x"),
    ("x.drop(columns='a', inplace=True)", "x"),
    ("x['a'].fillna(0, inplace=True)", "x"),
    ("x.fit(y, z)", "x"),
    ("y = x.fit_transform(z)", "x"),
    ("y = x.normal(size=3)", "x"),
    ("x.shuffle(y)", "x y"),
    ("x.write('a')", "x"),
    ("ax.plot(y)", "ax"),
    ("axes[0, 1].hist(y)", "axes"),
    ("x.set_title('a')", "x"),
    # functions and keywords
    ("random.shuffle(x)", "x random"),
    ("np.random.shuffle(x)", "x np"),
    ("heapq.heappush(x, 1)", "x"),
    ("y = heappop(x)", "x"),
    ("bisect.insort(x, 1)", "x"),
    ("np.copyto(x, y)", "x"),
    ("np.add.at(x, y, 1)", "x"),
    ("np.dot(y, z, out=x)", "x"),
    ("y.plot(ax=ax)", "ax"),
    ("sns.histplot(y, ax=axes[0])", "axes"),
    ("setattr(x, 'a', 1)", "x"),
    ("y = next(x)", "x"),
    ("print(1, file=x)", "x"),
    # names that share an object
    ("y = x\ny.append(1)", "x"),
    ("y = x.a\ny[0] = 1", "x"),
    ("y = x['a']\ny['b'] = 1", "x"),
    ("y, z = x, w\nz.append(1)", "w"),
    ("y = z = x\nz.append(1)", "x"),
    ("y = x if a else w\ny.append(1)", "x w"),
    ("y = x\nif a: y = w\ny.append(1)", "x w"),
    ("y = x\nx = []\ny.append(1)", "x"),
    ("ax = axes[0, 0]\nax.plot(y)", "axes"),
    ("for y in x: y['k'] = 1", "x"),
    ("for y in [x, w]: y['k'] = 1", "x w"),
    ("for i, y in enumerate(x): y.append(1)", "x"),
    ("for y, z in zip(x, w): z.append(y)", "w"),
    ("for k, v in x.items(): v.append(1)", "x"),
    ("for v in x.values(): v.append(1)", "x"),
    ("for y in reversed(x): y.append(1)", "x"),
    ("for ax, y in zip(axes.flatten(), z): ax.plot(y)", "axes"),
    ("[y.append(1) for y in x]", "x"),
    # functions of the body itself
    ("def f(): x.append(1)\nf()", "x"),
    ("def f(): x.append(1)", ""),
    ("y = lambda: x.append(1)\nz = y()", ""),
    ("def f():\n    x[0] = 1\nf()", "x"),
    # what is not a change of a name from above
    ("x = []\nx.append(1)", ""),
    ("import x\nx.a = 1", ""),
    ("from m import x\nx.update(a=1)", ""),
    ("y = x\ny = []\ny.append(1)", ""),
    ("y = x.copy()\ny.append(1)", ""),
    ("y = x[x > 1]\ny['a'] = 1", ""),
    ("y = x[1:]\ny.append(1)", ""),
    ("x += 1", ""),
    ("y = x\ny += 1", ""),
    ("y = x.append(1)", ""),
    ("y = x.sort('a')\nx.sort('a')", ""),
    ("x.add(y, fill_value=0)", ""),
    ("x.plot()", ""),
    ("x.hist()", ""),
    ("x.set_index('a')", ""),
    ("x.drop(columns='a', inplace=False)", ""),
    ("f(x)", ""),
    ("def f(x): x.append(1)\nf(y)", ""),
    ("[x.append(1) for x in [[], []]]", ""),
    ("for i, row in x.iterrows(): row['a'] = 1", ""),
    ("np.array(x).fill(0)", ""),
    ("x: list\nx.b", ""),
]


@pytest.mark.parametrize(("body", "changed"), CHANGES)
def test_visible_changes_are_traced_to_the_names_from_above(body: str, changed: str) -> None:
    facts = analyse(body)
    assert sorted(facts.mutates) == sorted(changed.split())
    assert facts.mutates.keys() <= facts.reads.keys() | facts.late_reads.keys()


def test_a_name_bound_only_maybe_may_be_from_above() -> None:
    assert dict(analyse("if a:\n    x = []\nx.append(1)").mutates) == {"x": 3}
