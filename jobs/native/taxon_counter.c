/* Number of occurrences of each taxon, as reports/tables/taxon_counter.py counts them.
 *
 * Two arrays and no objects: of a million taxa it takes 25 MB, not 120. */
#include "native.h"

static PyTypeObject *TaxonCounter_type;

typedef struct {
    PyObject_HEAD
    uint64_t *taxa; /* each plus one: zero is a free slot */
    uint32_t *counts;
    size_t n_slots; /* a power of two */
    size_t n_taxa;
} TaxonCounter;

static size_t slot_of(const uint64_t *taxa, size_t n_slots, uint64_t key)
{
    uint64_t mixed = key * 0x9e3779b97f4a7c15ULL;
    size_t last = n_slots - 1, slot = (mixed ^ mixed >> 32) & last;
    while (taxa[slot] && taxa[slot] != key)
        slot = (slot + 1) & last;
    return slot;
}

/* Doubles the number of slots; at most three quarters of them are taken. */
static int grow(TaxonCounter *self)
{
    size_t n_slots = self->n_slots ? 2 * self->n_slots : 1024;
    uint64_t *taxa = calloc(n_slots, sizeof(uint64_t));
    uint32_t *counts = calloc(n_slots, sizeof(uint32_t));
    if (!taxa || !counts) {
        free(taxa);
        free(counts);
        PyErr_NoMemory();
        return -1;
    }
    for (size_t at = 0; at < self->n_slots; at++)
        if (self->taxa[at]) {
            size_t slot = slot_of(taxa, n_slots, self->taxa[at]);
            taxa[slot] = self->taxa[at];
            counts[slot] = self->counts[at];
        }
    free(self->taxa);
    free(self->counts);
    self->taxa = taxa;
    self->counts = counts;
    self->n_slots = n_slots;
    return 0;
}

static int count(TaxonCounter *self, uint64_t taxon)
{
    if (4 * (self->n_taxa + 1) > 3 * self->n_slots && grow(self) < 0)
        return -1;
    size_t slot = slot_of(self->taxa, self->n_slots, taxon + 1);
    if (!self->taxa[slot]) {
        self->taxa[slot] = taxon + 1;
        self->n_taxa++;
    }
    self->counts[slot]++;
    return 0;
}

#define MOST_DIGITS 18

static PyObject *TaxonCounter_add(TaxonCounter *self, PyObject *object)
{
    Text text;
    if (text_of(object, &text) < 0)
        return NULL;
    const char *at = text.start, *end = at + text.length;
    do {
        uint64_t taxon = 0;
        const char *start = at;
        for (; at < end && *at >= '0' && *at <= '9' && at - start < MOST_DIGITS; at++)
            taxon = 10 * taxon + (uint64_t)(*at - '0');
        if (at == start || (at < end && *at != '|')) {
            PyErr_SetString(PyExc_ValueError, "expected taxa with bars between them");
            return NULL;
        }
        if (count(self, taxon) < 0)
            return NULL;
    } while (at++ < end);
    Py_RETURN_NONE;
}

static PyObject *TaxonCounter_count(TaxonCounter *self, PyObject *number)
{
    unsigned long long taxon = PyLong_AsUnsignedLongLong(number);
    if (PyErr_Occurred())
        return NULL;
    if (!self->n_slots)
        return PyLong_FromLong(0);
    size_t slot = slot_of(self->taxa, self->n_slots, (uint64_t)taxon + 1);
    return PyLong_FromUnsignedLong(self->counts[slot]);
}

static void TaxonCounter_dealloc(TaxonCounter *self)
{
    PyTypeObject *type = Py_TYPE(self);
    free(self->taxa);
    free(self->counts);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef TaxonCounter_methods[] = {
    {"add", (PyCFunction)TaxonCounter_add, METH_O, "add(taxa): count each of `1|22|333`."},
    {"count", (PyCFunction)TaxonCounter_count, METH_O, "count(taxon) -> how often it was added"},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot TaxonCounter_slots[] = {
    {Py_tp_doc, "How often each taxon was met."},
    {Py_tp_methods, TaxonCounter_methods},
    {Py_tp_dealloc, TaxonCounter_dealloc},
    {0, NULL},
};

static PyType_Spec TaxonCounter_spec = {
    "gafreduce.jobs.native._compiled.TaxonCounter", sizeof(TaxonCounter), 0, Py_TPFLAGS_DEFAULT, TaxonCounter_slots,
};

int add_taxon_counter_type(PyObject *module)
{
    return add_type(module, "TaxonCounter", &TaxonCounter_spec, &TaxonCounter_type);
}
