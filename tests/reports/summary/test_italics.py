"""Names of organisms in italic and upright text."""

from __future__ import annotations

import pytest

from gafreduce.reports.summary.italics import needs_rank, split_name


def mark(name: str, rank: str = "") -> str:
    """Return the name with its italic text between asterisks."""
    return "".join(f"*{text}*" if is_italic else text for text, is_italic in split_name(name, rank))


@pytest.mark.parametrize(
    "marked",
    [
        "*Bacillus subtilis*",
        "*Bacillus subtilis* subsp. *subtilis* str. 168",
        "*Escherichia coli* K-12",
        "*Escherichia coli* O157:H7 str. Sakai",
        "*E. coli* K-12",
        "*Salmonella enterica* subsp. *enterica* serovar Typhimurium",
        "*Pseudomonas syringae* pv. *tomato* str. DC3000",
        "*Fusarium oxysporum* f. sp. *lycopersici* 4287",
        "*Rhizobium leguminosarum* bv. *viciae* 3841",
        "*Olea europaea* var. *sylvestris*",
        "*Oryza sativa* Japonica Group",
        "*Priestia megaterium* DSM 319",
        "*Bacillus cereus* group",
        "*Bacillus* sp. X1",
        "*Streptomyces* sp.B12",
        "*Mannheimia* cf. *haemolytica*",
        "*Citrus* \N{MULTIPLICATION SIGN} *sinensis*",
        "*Citrus* x *clementina*",
        "*Bos taurus* x *Bos indicus*",
        "*Populus tremula* x *alba*",
        "*Rosa* hybrid cultivar",
        "*Trypanosoma brucei brucei* TREU927",
        "*Salmonella* Typhimurium LT2",
        "*Ca.* Liberibacter asiaticus",
        "*Ca. elegans*",
        "unclassified *Bacillus*",
        "unclassified Rhizobiales",
        "[*Clostridium*] *scindens* ATCC 35704",
        "*Candidatus* Pelagibacter ubique HTCC1062",
        "*Candidatus* Carsonella ruddii (*Pachypsylla venusta*)",
        "*Buchnera aphidicola* str. APS (*Acyrthosiphon pisum*)",
        "*Wolbachia* endosymbiont of *Drosophila melanogaster*",
        "uncultured *Bacillus* sp.",
        "uncultured bacterium",
        "Lachnospiraceae bacterium 3-1",
        "Rhizobiales sp. 12",
        "alpha proteobacterium HIMB59",
        "gut metagenome",
        "Escherichia phage T4",
        "Severe acute respiratory syndrome coronavirus 2",
        "Human papillomavirus type 16",
        "Betacoronavirus pandemicum",
        "Potato spindle tuber viroid",
        "Clover yellow edge phytoplasma",
        "Human gut",
        "taxon:562",
        "isolate A-17",
        "B73",
        "",
        "  ",
        "'(]",
    ],
)
def test_genus_species_and_subspecies_are_italic(marked: str) -> None:
    assert mark(marked.replace("*", "")) == marked


def test_the_rank_tells_genera_and_subspecies_from_other_words() -> None:
    assert [mark("Bacillus", rank) for rank in ("genus", "clade", "")] == [
        "*Bacillus*",
        "Bacillus",
        "Bacillus",
    ]
    assert mark("Canis lupus familiaris", "subspecies") == "*Canis lupus familiaris*"
    assert mark("Bacillus subtilis biofilm", "species") == "*Bacillus subtilis* biofilm"
    assert needs_rank("Canis lupus familiaris")
    assert not needs_rank("Escherichia coli K-12")


@pytest.mark.parametrize(
    "name", ["a\tb  c\n", "Bacillus  subtilis", "[[", "É. coli", "x x x", "of"]
)
def test_no_character_is_lost(name: str) -> None:
    assert "".join(text for text, _ in split_name(name)) == name
