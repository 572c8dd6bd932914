"""Files that one cell writes and another one reads."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

PANDAS = code("import pandas as pd")
NUMPY = code("import numpy as np")
LATE = code("import time")

CASES = (
    case(
        "a table through a file",
        PANDAS,
        "pd.DataFrame({'a': [1, 2]}).to_csv('x.csv', index=False)",
        "frame = pd.read_csv('x.csv')",
    ),
    case(
        "open, pathlib and numpy",
        code("import numpy as np\nfrom pathlib import Path"),
        "with open('a.txt', 'w') as file:\n    file.write('a')\ndel file",
        "text = Path('a.txt').read_text()\nPath('b.txt').write_text(text * 2)",
        "both = open('b.txt').read()",
        "np.save('c.npy', np.arange(3))",
        "array = np.load('c.npy')",
    ),
    case(
        "a path in a variable",
        LATE,
        "path = 'x.txt'",
        "time.sleep(0.2)\nwith open(path, 'w') as file:\n    file.write('written')\ndel file",
        "text = open(path).read()",
    ),
    case(
        "a path in a constant and in a function",
        code("import time\nNAME = 'x.txt'\ndef save(text):\n    open(NAME, 'w').write(text)"),
        "time.sleep(0.2)\nsave('1')",
        "first = open(NAME).read()",
        "save('2')",
        "second = open(NAME).read()",
    ),
    case(
        "a path that only running tells",
        LATE,
        "folder = '.'\nkind = 'x'",
        "time.sleep(0.3)\nwith open(f'{folder}/{kind}.txt', 'w') as file:\n"
        "    file.write('1')\ndel file",
        "text = open(f'{folder}/{kind}.txt').read()",
        "with open(f'{folder}/{kind}.txt', 'a') as file:\n    file.write('2')\ndel file",
        "more = open(f'{folder}/{kind}.txt').read()",
    ),
    case(
        "a module that one cell writes and the next one imports",
        LATE,
        "%%writefile mod.py\nvalue = 1\n",
        "import mod\nprint(mod.value)",
        "name = 'late'",
        "time.sleep(0.3)\nwith open(f'{name}r.py', 'w') as file:\n"
        "    file.write('value = 2')\ndel file",
        "import later\nprint(later.value)",
    ),
    case(
        "a directory that a cell makes and another one enters",
        code("import os, time"),
        "time.sleep(0.3)\nos.mkdir('inner')",
        "os.chdir('inner')\nopen('a', 'w').close()",
        "there = os.listdir('.')\nos.chdir('..')",
    ),
    case(
        "a directory that is renamed",
        code("import os, time"),
        "os.mkdir('one')\nopen('one/a', 'w').close()",
        "time.sleep(0.3)\nos.rename('o' + 'ne', 'tw' + 'o')",
        "there = os.listdir('t' + 'wo')",
    ),
    case(
        "three cells append",
        LATE,
        "time.sleep(0.2)\nwith open('log', 'a') as file:\n    file.write('1')\ndel file",
        "time.sleep(0.1)\nwith open('log', 'a') as file:\n    file.write('2')\ndel file",
        "with open('log', 'a') as file:\n    file.write('3')\ndel file",
        "log = open('log').read()",
    ),
    case(
        "three cells append to what only running tells",
        LATE,
        "name = 'log'",
        "time.sleep(0.2)\nwith open(name + '1', 'a') as file:\n    file.write('1')\ndel file",
        "time.sleep(0.1)\nwith open(name + '1', 'a') as file:\n    file.write('2')\ndel file",
        "with open(name + '1', 'a') as file:\n    file.write('3')\ndel file",
        "log = open(name + '1').read()",
    ),
    case(
        "a reader between two writers",
        LATE,
        "open('x.txt', 'w').write('1')",
        "time.sleep(0.2)\nfirst = open('x.txt').read()",
        "open('x.txt', 'w').write('2')",
        "second = open('x.txt').read()",
    ),
    case(
        "a module that a cell writes",
        "%%writefile made.py\nvalue = 1",
        code("import made"),
        "found = made.value",
    ),
    case(
        "read, change, write",
        code("import json"),
        "with open('x.json', 'w') as file:\n    json.dump({'n': 1}, file)\ndel file",
        "with open('x.json') as file:\n    data = json.load(file)\n"
        "data['n'] += 1\nwith open('x.json', 'w') as file:\n    json.dump(data, file)\ndel file",
        "with open('x.json') as file:\n    last = json.load(file)\ndel file",
    ),
    case(
        "a file that is removed, renamed and copied",
        code("import os, shutil"),
        "open('a.txt', 'w').write('1')",
        "shutil.copy('a.txt', 'b.txt')",
        "os.rename('b.txt', 'c.txt')",
        "os.remove('a.txt')",
        "there = [os.path.exists(name) for name in ('a.txt', 'b.txt', 'c.txt')]",
    ),
    case(
        "all files of a directory",
        code("import glob, os, time"),
        "os.makedirs('out', exist_ok=True)",
        "time.sleep(0.2)\nopen('out/a.txt', 'w').write('a')",
        "time.sleep(0.1)\nopen('out/b.txt', 'w').write('b')",
        "names = sorted(glob.glob('out/*.txt'))",
        "texts = [open(name).read() for name in names]",
        "open('out/c.txt', 'w').write('c')",
        "again = sorted(os.listdir('out'))",
    ),
    case(
        "a directory that only running tells",
        code("import os, time"),
        "folder = 'o' + 'ut'",
        "time.sleep(0.3)\nos.makedirs(folder)",
        "open(folder + '/a.txt', 'w').write('a')",
        "names = os.listdir(folder)",
    ),
    case(
        "a pickle",
        code("import pickle"),
        "with open('x.pkl', 'wb') as file:\n    pickle.dump({'a': (1, 2)}, file)\ndel file",
        "with open('x.pkl', 'rb') as file:\n    found = pickle.load(file)\ndel file",
    ),
    case(
        "a picture",
        code("import matplotlib.pyplot as plt"),
        "plt.plot([1, 2])\nplt.savefig('x.png')\nplt.close()",
        "head = open('x.png', 'rb').read(8)",
    ),
    case(
        "a cache beside the notebook",
        code("import os"),
        "if os.path.exists('cache.txt'):\n    value = open('cache.txt').read()\n"
        "else:\n    value = 'computed'\n    open('cache.txt', 'w').write(value)",
        "again = open('cache.txt').read()",
    ),
    case(
        "a file that is caught missing, and written below",
        "try:\n    found = open('x.txt').read()\nexcept FileNotFoundError:\n    found = 'nothing'",
        "open('x.txt', 'w').write('1')",
        "later = open('x.txt').read()",
    ),
    case(
        "a shell writes and reads",
        "!echo one > x.txt",
        "!echo two > y.txt",
        "!cat y.txt",
        "text = open('y.txt').read()",
    ),
    case(
        "a database",
        code("import sqlite3"),
        "con = sqlite3.connect('x.db')\ncon.execute('create table t (a int)')\n"
        "con.execute('insert into t values (1)')\ncon.commit()\ncon.close()\ndel con",
        "con = sqlite3.connect('x.db')\nrows = con.execute('select * from t').fetchall()\n"
        "con.close()\ndel con",
        "con = sqlite3.connect('x.db')\ncon.execute('insert into t values (2)')\n"
        "con.commit()\ncon.close()\ndel con",
        "con = sqlite3.connect('x.db')\nmore = con.execute('select * from t').fetchall()\n"
        "con.close()\ndel con",
    ),
    case(
        "a folder that is gone into, looked at and removed",
        code("import glob, os, shutil"),
        "os.mkdir('data')\nopen('data/a', 'w').close()",
        "os.chdir('data')",
        "found = glob.glob('*')",
        "os.chdir('..')",
        "shutil.rmtree('data')\nleft = os.path.exists('data')",
    ),
    case(
        "a folder that is removed once it is empty",
        code("import os"),
        "os.mkdir('data')\nopen('data/a', 'w').close()",
        "os.remove('data/a')",
        "os.rmdir('data')",
        "left = os.path.exists('data')",
    ),
    case(
        "a library in another language",
        code("import polars as pl"),
        "pl.DataFrame({'a': [1]}).write_parquet('x.parquet')",
        "first = pl.read_parquet('x.parquet')['a'].to_list()",
        "pl.DataFrame({'a': [2]}).write_parquet('x.parquet')",
        "second = pl.read_parquet('x.parquet')['a'].to_list()",
    ),
)
