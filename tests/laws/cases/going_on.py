"""What goes on beside the cells: threads, processes, queues and sockets, locks that are held."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code

THREADS = code("import queue\nimport threading\nimport time")

CASES = (
    case(
        "a thread that one cell starts, others feed, and another one waits for",
        THREADS,
        """
        results = []
        tasks = queue.Queue()
        def work():
            while (item := tasks.get()) is not None:
                results.append(twice(item))
        """,
        "def twice(n):\n    return 2 * n\nthread = threading.Thread(target=work)\nthread.start()",
        "for i in range(3):\n    tasks.put(i)",
        "tasks.put(None)\nthread.join()",
        "print(results)",
    ),
    case(
        "a thread that works in the background, for ever",
        THREADS,
        "tasks = queue.Queue()\ndone = queue.Queue()",
        "def work():\n    while True:\n        done.put(tasks.get() + 1)\n"
        "        tasks.task_done()",
        "threading.Thread(target=work, daemon=True).start()",
        "tasks.put(1)\ntasks.put(2)",
        "tasks.join()",
        "print(done.get(), done.get())",
    ),
    case(
        "threads that are made, started and waited for in turns",
        THREADS,
        "out = []\none = threading.Thread(target=out.append, args=(1,))",
        "one.start()",
        "one.join()",
        "print(out)",
        "timer = threading.Timer(0.05, out.append, args=(2,))\ntimer.start()",
        "timer.join()",
        "print(out)",
    ),
    case(
        "a thread that is made in one cell, and begun in another with all that it reads",
        THREADS,
        "out = []\nn = int('3')\ndef times(i):\n    time.sleep(0.01 * i)\n    return n * i\n"
        "def work(i):\n    out.append(times(i))",
        "class Own(threading.Thread):\n    def run(self):\n        work(4)",
        "threads = [threading.Thread(target=work, args=(i,)) for i in range(3)] + [Own()]",
        "for thread in threads:\n    thread.start()",
        "for thread in threads:\n    thread.join()",
        "print(sorted(out))",
    ),
    case(
        "a thread that works on what was made with it",
        THREADS,
        "tasks = queue.Queue()\nout = []\ndef work():\n    while (n := tasks.get()) is not None:\n"
        "        out.append(n * n)\nthread = threading.Thread(target=work)",
        "thread.start()",
        "for i in range(3):\n    tasks.put(i)\ntasks.put(None)",
        "thread.join()\nprint(out)",
    ),
    case(
        "who waits with an older value does not wait for ever",
        THREADS,
        "lock = threading.Lock()\nready = threading.Event()\nheld = lock.acquire()",
        "print(lock.locked())",
        "lock.release()\nready.set()",
        "with lock:\n    print('mine')\nprint(ready.wait())",
    ),
    case(
        "a pool of processes, and a function above it",
        # From Python 3.14 on only processes that are forked know the notebook.
        code("from multiprocessing import get_context"),
        "def square(x):\n    return x * x",
        "pool = get_context('fork').Pool(2)",
        "a = pool.map(square, range(4))",
        "pool.close()\npool.join()",
    ),
    case(
        "a process and its queue, and a pair of sockets",
        code("import multiprocessing\nimport socket"),
        "mp = multiprocessing.get_context('fork')",
        "def answer(q):\n    q.put(q.get() + 1)",
        "q = mp.Queue()\np = mp.Process(target=answer, args=(q,))\np.start()",
        "q.put(1)",
        "p.join()",
        "print(q.get())",
        "one, other = socket.socketpair()",
        "one.sendall(b'hi')",
        "print(other.recv(9))",
    ),
)
