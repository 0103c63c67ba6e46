/* A set of cells: a hash table of texts, each with a value and a mark. */
#include "native.h"

PyTypeObject *CellSet_type;

uint64_t cells_seeds[2];

Entry *cells_find(CellSet *cells, Text key, uint64_t hash)
{
    size_t last = cells->n_slots - 1;
    for (size_t slot = hash & last; cells->n_slots; slot = (slot + 1) & last) {
        Entry *entry = &cells->entries[slot];
        if (!entry->key)
            return NULL;
        if (entry->hash == hash && are_equal((Text){entry->key, entry->length}, key))
            return entry;
    }
    return NULL;
}

static Entry *free_slot(Entry *entries, size_t n_slots, uint64_t hash)
{
    size_t slot = hash & (n_slots - 1);
    while (entries[slot].key)
        slot = (slot + 1) & (n_slots - 1);
    return &entries[slot];
}

/* Doubles the number of slots; at most half of them are taken. */
static int grow(CellSet *cells)
{
    size_t n_slots = cells->n_slots ? 2 * cells->n_slots : 256;
    Entry *entries = calloc(n_slots, sizeof(Entry));
    if (!entries) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t slot = 0; slot < cells->n_slots; slot++) {
        Entry *entry = &cells->entries[slot];
        if (entry->key)
            *free_slot(entries, n_slots, entry->hash) = *entry;
    }
    free(cells->entries);
    cells->entries = entries;
    cells->n_slots = n_slots;
    return 0;
}

Entry *cells_add(CellSet *cells, Text key, uint64_t hash, PyObject *value)
{
    if (2 * (cells->n_entries + 1) > cells->n_slots && grow(cells) < 0)
        return NULL;
    char *copy = malloc((size_t)key.length + 1);
    if (!copy) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, key.start, (size_t)key.length);
    Entry *entry = free_slot(cells->entries, cells->n_slots, hash);
    Py_XINCREF(value);
    *entry = (Entry){hash, copy, key.length, value, 0, 0};
    cells->n_entries++;
    return entry;
}

static PyObject *CellSet_clear(CellSet *self, PyObject *none)
{
    (void)none;
    Entry *entries = self->entries;
    size_t n_slots = self->n_slots;
    self->entries = NULL;
    self->n_slots = self->n_entries = self->n_odd = 0;
    for (size_t slot = 0; slot < n_slots; slot++) {
        free(entries[slot].key);
        Py_XDECREF(entries[slot].value);
    }
    free(entries);
    Py_RETURN_NONE;
}

static PyObject *CellSet_add(CellSet *self, PyObject *arguments)
{
    Text key;
    int is_odd = 0;
    if (!PyArg_ParseTuple(arguments, "y#|p", &key.start, &key.length, &is_odd))
        return NULL;
    uint64_t hash = cells_hash(key);
    Entry *entry = cells_find(self, key, hash);
    if (!entry)
        entry = cells_add(self, key, hash, NULL);
    if (!entry)
        return NULL;
    self->n_odd += is_odd && !entry->is_odd;
    entry->is_odd = (uint32_t)is_odd;
    Py_RETURN_NONE;
}

static Py_ssize_t CellSet_length(CellSet *self)
{
    return (Py_ssize_t)self->n_entries;
}

static void CellSet_dealloc(CellSet *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(CellSet_clear(self, NULL));
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef CellSet_methods[] = {
    {"add", (PyCFunction)CellSet_add, METH_VARARGS, "add(cell, is_odd=False)"},
    {"clear", (PyCFunction)CellSet_clear, METH_NOARGS, "Forget all."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot CellSet_slots[] = {
    {Py_tp_doc, "A set of cells, each marked as odd or not."},
    {Py_tp_methods, CellSet_methods},
    {Py_tp_dealloc, CellSet_dealloc},
    {Py_mp_length, CellSet_length},
    {0, NULL},
};

static PyType_Spec CellSet_spec = {
    "gafreduce.jobs.native._compiled.CellSet", sizeof(CellSet), 0, Py_TPFLAGS_DEFAULT, CellSet_slots,
};

int add_type(PyObject *module, const char *name, PyType_Spec *spec, PyTypeObject **type)
{
    PyObject *made = PyType_FromSpec(spec);
    if (!made)
        return -1;
    *type = (PyTypeObject *)made; /* one for the module, one for us */
    Py_INCREF(made);
    return PyModule_AddObject(module, name, made);
}

int add_cell_set_type(PyObject *module)
{
    for (int which = 0; which < 2; which++) {
        PyObject *text = PyBytes_FromString(which ? "cells" : "gafreduce");
        if (!text)
            return -1;
        cells_seeds[which] = (uint64_t)PyObject_Hash(text);
        Py_DECREF(text);
    }
    return add_type(module, "CellSet", &CellSet_spec, &CellSet_type);
}
