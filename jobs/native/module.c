/* The module: its functions and types. */
#include "native.h"

#define VERSION 7 /* as in jobs/native/loader.py */

static PyMethodDef functions[] = {
    {"read_columns", read_columns, METH_VARARGS,
     "read_columns(block, min_columns, positions) -> a ColumnarBlock, or None when lines differ in width."},
    {"encode_runs", encode_runs, METH_VARARGS,
     "encode_runs(organisms, object_ids, starts, tokens, file, outside_once, n_buckets) -> records joined by LF."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_compiled", "Faster versions of code in jobs/.",
    -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__compiled(void)
{
    PyObject *module = PyModule_Create(&definition);
    fill_crc_table();
    if (module &&
        (PyModule_AddIntConstant(module, "VERSION", VERSION) < 0 ||
         PyModule_AddIntConstant(module, "ORGANISM_DIGITS", ORGANISM_DIGITS) < 0 ||
         PyModule_AddIntConstant(module, "RUN_FIELDS", RUN_FIELDS) < 0 || add_cell_set_type(module) < 0 ||
         add_columnar_block_type(module) < 0 || add_term_counts_type(module) < 0 || add_line_sorter_type(module) < 0 ||
         add_taxon_counter_type(module) < 0)) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
