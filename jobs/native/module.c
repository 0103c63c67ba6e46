/* The module: what of its parts Python sees. */
#include "compiled.h"

#define VERSION 5 /* as in jobs/native/loader.py */

static PyMethodDef functions[] = {
    {"columns", read_columns, METH_VARARGS,
     "columns(block, min_columns) -> the block as a Table, or None when its lines are not all alike."},
    {"write_runs", write_runs, METH_VARARGS,
     "write_runs(owners, names, starts, tokens, kind, outside_once, n_buckets) -> a record for each run of lines, joined by LF."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_compiled", "Columns of blocks, and counts by term: what jobs/ also has in Python.",
    -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__compiled(void)
{
    PyObject *module = PyModule_Create(&definition);
    fill_crc_table();
    if (module &&
        (PyModule_AddIntConstant(module, "VERSION", VERSION) < 0 || add_cells_type(module) < 0 ||
         add_table_type(module) < 0 || add_counts_type(module) < 0 || add_lines_type(module) < 0 ||
         add_tally_type(module) < 0)) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
