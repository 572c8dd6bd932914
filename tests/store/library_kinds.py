"""Kinds of object that libraries make: pandas, NumPy, SciPy, models, figures, Python's own."""

# What makes one stands on one line.
# ruff: noqa: E501

from __future__ import annotations

from tests.store.kinds import Kind

CARRIED = [
    Kind(
        "multi index",
        "import pandas as pd\nx = pd.MultiIndex.from_product([['a','b'],[1,2]], names=['p','q'])",
        "x.names == ['p','q'] and len(x)==4",
    ),
    Kind(
        "interval index",
        "import pandas as pd\nx = pd.interval_range(0, 3)",
        "len(x)==3 and x[0].right==1",
    ),
    Kind(
        "timestamps",
        "import pandas as pd\nx = [pd.Timestamp('2020-01-01', tz='Europe/Berlin'), pd.Timedelta('1D'), pd.NaT, pd.NA]",
        "x[0].tz is not None and x[3] is __import__('pandas').NA",
    ),
    Kind("offset", "import pandas as pd\nx = pd.offsets.BMonthEnd(2)", "x.n == 2"),
    Kind(
        "nullable frame",
        "import pandas as pd\nx = pd.DataFrame({'a': pd.array([1, None], 'Int64'), 's': pd.array(['p', None], 'string')})",
        "str(x.dtypes['a'])=='Int64' and x.a.isna()[1]",
    ),
    Kind(
        "arrow frame",
        "import pandas as pd\nx = pd.DataFrame({'a': [1, 2]}).convert_dtypes(dtype_backend='pyarrow')",
        "'pyarrow' in str(x.dtypes['a'])",
    ),
    Kind(
        "sparse frame",
        "import pandas as pd\nx = pd.Series(pd.arrays.SparseArray([0,0,1]))",
        "x.sum()==1",
    ),
    Kind("rolling", "import pandas as pd\nx = pd.Series([1.,2.,3.]).rolling(2)", "x.sum()[2]==5"),
    Kind(
        "resampler",
        "import pandas as pd\nx = pd.Series([1,2], pd.date_range('2020','2021',2)).resample('YE')",
        "x.sum().sum()==3",
    ),
    Kind("grouper", "import pandas as pd\nx = pd.Grouper(freq='D')", "x.freq == 'D'"),
    Kind(
        "frame flags",
        "import pandas as pd\nx = pd.DataFrame({'a':[1]}).set_flags(allows_duplicate_labels=False)",
        "not x.flags.allows_duplicate_labels",
    ),
    Kind("polynomial", "import numpy as np\nx = np.polynomial.Polynomial([1,2,3])", "x(1)==6"),
    Kind("poly1d", "import numpy as np\nx = np.poly1d([1,2])", "x(1)==3"),
    Kind(
        "vectorize", "import numpy as np\nx = np.vectorize(lambda v: v+1)", "x([1]).tolist()==[2]"
    ),
    Kind(
        "recarray",
        "import numpy as np\nx = np.rec.fromrecords([(1,'a')], names='p,q')",
        "x.p[0]==1",
    ),
    Kind("seed sequence", "import numpy as np\nx = np.random.SeedSequence(5)", "x.entropy==5"),
    Kind("random state", "import numpy as np\nx = np.random.RandomState(5)", "0 < x.rand() < 1"),
    Kind(
        "datetime64",
        "import numpy as np\nx = np.array(['2020','NaT'],'M8[D]')",
        "str(x[0])=='2020-01-01'",
    ),
    Kind("void", "import numpy as np\nx = np.zeros(1, [('a','i4')])[0]", "x['a']==0"),
    Kind(
        "string dtype",
        "import numpy as np\nx = np.array(['a','bcd'], np.dtypes.StringDType())",
        "x[1]=='bcd'",
    ),
    Kind("frozen distribution", "import scipy.stats\nx = scipy.stats.norm(1,2)", "x.mean()==1"),
    Kind(
        "cubic spline",
        "from scipy.interpolate import CubicSpline\nx = CubicSpline([0,1,2],[0,1,4])",
        "abs(x(1)-1)<1e-9",
    ),
    Kind(
        "kd tree",
        "import numpy as np\nfrom scipy.spatial import KDTree\nx = KDTree(np.eye(3))",
        "x.query([1,0,0])[1]==0",
    ),
    Kind("coo array", "from scipy.sparse import coo_array\nx = coo_array([[0,1]])", "x.sum()==1"),
    Kind(
        "delaunay",
        "import numpy as np\nfrom scipy.spatial import Delaunay\nx = Delaunay(np.array([[0,0],[0,1],[1,0.]]))",
        "len(x.simplices)==1",
    ),
    Kind(
        "optimize result",
        "from scipy.optimize import minimize\nx = minimize(lambda v: (v-1)**2, 0)",
        "abs(x.x[0]-1)<1e-3",
    ),
    Kind(
        "rotation",
        "from scipy.spatial.transform import Rotation\nx = Rotation.from_euler('z', 90, degrees=True)",
        "abs(x.as_euler('xyz')[2]-1.5708)<1e-3",
    ),
    Kind(
        "rv subclass",
        "import scipy.stats\nclass D(scipy.stats.rv_continuous):\n    def _pdf(self, v): return 2*v\nx = D(a=0,b=1,name='d')",
        "abs(x.cdf(.5)-.25)<1e-6",
    ),
    Kind(
        "column transformer",
        "import pandas as pd\nfrom sklearn.compose import ColumnTransformer\nfrom sklearn.preprocessing import StandardScaler, OneHotEncoder\nx = ColumnTransformer([('n',StandardScaler(),['a']),('c',OneHotEncoder(),['b'])]).fit(pd.DataFrame({'a':[1.,2],'b':['p','q']}))",
        "len(x.transformers_)==2",
    ),
    Kind(
        "k means",
        "import numpy as np\nfrom sklearn.cluster import KMeans\nx = KMeans(2, n_init=1, random_state=0).fit(np.eye(4))",
        "len(x.cluster_centers_)==2",
    ),
    Kind(
        "own estimator",
        "from sklearn.base import BaseEstimator\nclass E(BaseEstimator):\n    def __init__(self, a=1): self.a=a\n    def fit(self, X, y=None): self.w_=self.a; return self\nx = E(3).fit(None)",
        "x.w_==3 and x.get_params()=={'a':3}",
    ),
    Kind(
        "scorer",
        "from sklearn.metrics import make_scorer\nx = make_scorer(lambda a,b: 1.0)",
        "x is not None",
    ),
    Kind(
        "ols formula",
        "import pandas as pd\nimport statsmodels.formula.api as smf\nx = smf.ols('y ~ v', pd.DataFrame({'y':[1.,2,4],'v':[1.,2,3]})).fit()",
        "abs(x.params['v']-1.5)<1e-9",
    ),
    Kind(
        "sympy expression",
        "import sympy\na,b=sympy.symbols('a b', positive=True)\nx = sympy.sqrt(a**2)+b",
        "len(x.free_symbols)==2",
    ),
    Kind("sympy matrix", "import sympy\nx = sympy.Matrix([[1,2],[3,4]])", "x.det()==-2"),
    Kind(
        "sympy lambdify", "import sympy\na=sympy.Symbol('a')\nx = sympy.lambdify(a, a+1)", "x(1)==2"
    ),
    Kind(
        "colormap",
        "import matplotlib.colors as c\nx = c.LinearSegmentedColormap.from_list('n',['r','b'])",
        "x(0.0)[0]==1.0",
    ),
    Kind("norm", "import matplotlib.colors as c\nx = c.LogNorm(1,10)", "x(10)==1", settled=False),
    Kind(
        "mpl path", "import matplotlib.path as p\nx = p.Path([[0,0],[1,1]])", "len(x.vertices)==2"
    ),
    Kind(
        "polars expression",
        "import polars as pl\nx = (pl.col('a')+1).alias('b')",
        "__import__('polars').DataFrame({'a':[1]}).select(x)['b'][0]==2",
    ),
    Kind(
        "polars lazy group",
        "import polars as pl\nx = pl.DataFrame({'a':[1,1]}).group_by('a')",
        "x is not None",
    ),
    Kind(
        "polars enum",
        "import polars as pl\nx = pl.DataFrame({'a':['p','q']}, schema={'a':pl.Enum(['p','q'])})",
        "x['a'].to_list()==['p','q']",
    ),
    Kind(
        "polars categorical",
        "import polars as pl\nx = pl.DataFrame({'a':['p','q','p']}).with_columns(pl.col('a').cast(pl.Categorical))",
        "x['a'].to_list()==['p','q','p']",
    ),
    Kind(
        "polars struct list",
        "import polars as pl\nx = pl.DataFrame({'a':[[1],[2,3]],'b':[{'k':1},{'k':2}]})",
        "x['a'].to_list()==[[1],[2,3]]",
    ),
    Kind(
        "arrow schema",
        "import pyarrow as pa\nx = pa.schema([('a',pa.int64())], metadata={'k':'v'})",
        "x.metadata=={b'k':b'v'}",
    ),
    Kind("arrow scalar", "import pyarrow as pa\nx = pa.scalar(5)", "x.as_py()==5"),
    Kind(
        "arrow dictionary",
        "import pyarrow as pa\nx = pa.array(['a','b','a']).dictionary_encode()",
        "x.to_pylist()==['a','b','a']",
    ),
    Kind(
        "arrow chunked",
        "import pyarrow as pa\nx = pa.chunked_array([[1],[2]])",
        "x.to_pylist()==[1,2]",
    ),
    Kind(
        "arrow expression", "import pyarrow.compute as pc\nx = pc.field('a')>1", "str(x)=='(a > 1)'"
    ),
    Kind(
        "pydantic model",
        "from pydantic import BaseModel, Field\nclass M(BaseModel):\n    a: int = 1\n    b: list[str] = Field(default_factory=list)\nx = M(a='2')",
        "x.a==2 and x.model_dump()=={'a':2,'b':[]}",
        settled=False,
    ),
    Kind(
        "pydantic nested",
        "from pydantic import BaseModel\nclass N(BaseModel):\n    v: int\nclass M(BaseModel):\n    n: N\nx = M(n={'v':1})",
        "x.n.v==1 and type(x)(n={'v':2}).n.v==2",
        settled=False,
    ),
    Kind(
        "pydantic validator",
        "from pydantic import BaseModel, field_validator\nclass M(BaseModel):\n    a: int\n    @field_validator('a')\n    @classmethod\n    def dbl(cls, v): return v*2\nx = M(a=1)",
        "x.a==2 and type(x)(a=2).a==4",
        settled=False,
    ),
    Kind(
        "type adapter",
        "from pydantic import TypeAdapter\nx = TypeAdapter(list[int])",
        "x.validate_python(['1'])==[1]",
    ),
    Kind(
        "element tree",
        "import xml.etree.ElementTree as E\nx = E.fromstring('<a><b k=\"1\"/></a>')",
        "x[0].get('k')=='1'",
    ),
    Kind(
        "sorted dict",
        "from sortedcontainers import SortedDict, SortedList\nx = [SortedDict(b=1,a=2), SortedList([3,1])]",
        "list(x[0])==['a','b'] and list(x[1])==[1,3]",
    ),
    Kind(
        "version",
        "from packaging.version import Version\nx = Version('1.2rc1')",
        "str(x)=='1.2rc1'",
    ),
    Kind(
        "relativedelta",
        "from dateutil.relativedelta import relativedelta\nfrom dateutil.rrule import rrule, DAILY\nimport datetime\nx=[relativedelta(months=1), rrule(DAILY, count=2, dtstart=datetime.datetime(2020,1,1))]",
        "x[0].months==1 and len(list(x[1]))==2",
    ),
    Kind(
        "rich table",
        "from rich.table import Table\nx = Table('a'); x.add_row('1')",
        "x.row_count==1",
    ),
    Kind("zone", "import zoneinfo\nx = zoneinfo.ZoneInfo('Europe/Paris')", "x.key=='Europe/Paris'"),
    Kind(
        "addresses",
        "import ipaddress\nx = ipaddress.ip_network('10.0.0.0/8')",
        "x.num_addresses==2**24",
    ),
    Kind(
        "mail",
        "from email.message import EmailMessage\nx = EmailMessage(); x['To']='a'; x.set_content('t')",
        "x['To']=='a'",
    ),
    Kind(
        "argument parser",
        "import argparse\nx = argparse.ArgumentParser(prog='p'); x.add_argument('--a', type=lambda v: int(v)+1)",
        "x.parse_args(['--a','1']).a==2",
    ),
    Kind(
        "config parser",
        "import configparser\nx = configparser.ConfigParser(); x.read_string('[s]\\na=1')",
        "x['s']['a']=='1'",
    ),
    Kind("asyncio queue", "import asyncio\nx = asyncio.Queue()", "x.empty()", settled=False),
    Kind(
        "user dict",
        "import collections\nclass U(collections.UserDict):\n    def __missing__(self,k): return 7\nx = U(a=1)",
        "x['z']==7",
    ),
    Kind(
        "heap entry dataclass",
        "import dataclasses,heapq\n@dataclasses.dataclass(order=True)\nclass P:\n    p:int\n    i:object=dataclasses.field(compare=False)\nx=[P(2,'b'),P(1,'a')]; heapq.heapify(x)",
        "x[0].i=='a'",
    ),
    Kind(
        "traitlets",
        "import traitlets\nclass T(traitlets.HasTraits):\n    n = traitlets.Int(1)\nx = T(n=2)",
        "x.n==2",
        settled=False,
    ),
    Kind(
        "boxed in class attr",
        "class A:\n    reg = {}\nA.reg['k']=1\nx = A()",
        "type(x).reg=={'k':1}",
        settled=False,
    ),
]

REFUSED = [
    Kind("duckdb connection", "import duckdb\nx = duckdb.connect()", "x"),
    Kind("duckdb relation", "import duckdb\nx = duckdb.sql('select 1 a')", "x._con"),
    Kind("lxml element", "from lxml import etree\nx = etree.fromstring('<a><b/></a>')", "x"),
    Kind("hash object", "import hashlib\nx = hashlib.sha256(b'a')", "x"),
    Kind("compressor", "import zlib\nx = zlib.compressobj()", "x"),
    Kind("csv reader", "import csv\nx = csv.reader(['a,b'])", "x"),
    Kind("struct", "import struct\nx = struct.Struct('<i')", "x"),
    Kind("zip file", "import zipfile, io\nx = zipfile.ZipFile(io.BytesIO(),'w')", "x._lock"),
    Kind(
        "executor",
        "from concurrent.futures import ThreadPoolExecutor\nx = ThreadPoolExecutor(1)",
        "x",
    ),
    Kind("future", "from concurrent.futures import Future\nx = Future()", "x"),
    Kind("event", "import threading\nx = threading.Event()", "x._cond._lock"),
    Kind(
        "weakkey", "import weakref\nclass A: pass\na=A(); x = weakref.WeakKeyDictionary({a:1})", "x"
    ),
]
