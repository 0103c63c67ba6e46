"""ECO ids and evidence codes, as GO and ECO publish the mapping.

Source: http://purl.obolibrary.org/obo/eco/gaf-eco-mapping-derived.txt (1,407 ids; sha256
ee9aacc42fd2e8930e934c631831be14e0155dcd5122622d63cbcc0fc8243dc5) and gaf-eco-mapping.txt beside it
(82dfdb764764d9fe3df8cd15d6519627d14a2475f798bb1227a8bfc9ddcfe1dc), as of November 2026. ECO is
in the public domain (CC0 1.0); the facts are restated here in a compact form. A module, not a data
file, so that it is there wherever the readers are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Dict, NamedTuple

#: The ECO id for "evidence" of no stated kind.
UNSTATED_ECO_ID = "ECO:0000000"
#: Mapped to two codes in the published file: code taken here, the weaker one, and the other.
AMBIGUOUS = {"ECO:0007295": ("IEA", "EXP")}

#: Numbers of the ECO ids of each code, and ranges of them.
_NUMBERS = {
    "EXP": (
        "269 278 288 1043 1146-1147 1149 1160 1171 1177 1184 1186 1189 1228 1230 "
        "1236-1238 1240 1250-1253 1255 1257-1260 1265 1270 1272-1273 1567 1582 1588 1594 "
        "1600 1808 1832 1835 5523 5527 5542-5543 5581 5586 5613 5629 5642 5645 5660-5661 "
        "5666 5670 5674 5676 5802 5804 6033 6054 6165 6168 6196 6198 6200 6202 6204 6206 "
        "6210 6212 6214 6220 6222 6228 6236 6245 6275 6283 6285 6287 6289 6299 6311 6313 "
        "6315 6317 6368 6370 6374 6376 6384 6386 6390 7062 7064 7066 7068 7076 7078 7080 "
        "7082 7093 7095 7101 7110 7116 7120-7121 7125-7128 7130-7131 7133-7138 7141 7150 "
        "7156 7164 7184 7191 7634 7680 7728 7730-7742 7747"
    ),
    "HDA": "7005",
    "HEP": "7007",
    "HGI": "7003",
    "HMP": "7001",
    "HTP": "6056 6059",
    "IBA": "318",
    "IBD": "319",
    "IC": "305-306 6019 7752-7763 8028 8037",
    "IDA": (
        "274 314 1138-1145 1148 1153-1159 1162-1163 1165-1166 1172-1174 1176 1185 1187 "
        "1190-1222 1231-1235 1239 1241 1243 1246 1248-1249 1254 1256 1261 1263-1264 "
        "1267-1268 1271 1576 1579 1591 1847 5501 5579-5580 5589-5590 5592 5595 5597 5601 "
        "5614 5632 5638 5801 6003-6006 6013 6015 6021 6023 6025 6027 6029 6031 6035 6037 "
        "6039 6041-6042 6044 6046 6048 6061-6062 6064 6067 6071 6073 6208 6224 6226 6230 "
        "6232 6234 6281 6291 6301 6305 6307 6319 6323 6325 6352 6354 6356 6358 6360 6362 "
        "6364 6366 6378 6380 6382 7016 7018 7036 7038 7040 7042 7044 7046 7048 7050 7052 "
        "7054 7056 7058 7060 7070 7072 7084 7086 7100 7102-7104 7106-7109 7111-7115 7119 "
        "7122-7123 7142-7143 7146-7149 7151 7157 7159 7169-7182 7185-7188 7192 7632 "
        "7684-7704 7707-7727 7846 7849 8175 8179 8181"
    ),
    "IEA": (
        "53 209-211 213 248-249 251 254 256 258-259 261 263 265 313 322-323 331-332 "
        "347-348 350 363-364 366 501 1568 1572 1575 1578 1581 1584 1587 1590 1593 1599 "
        "1831 1834 1837 1840 1843 1846 5557 5559 5561 5618-5619 5621 5623 5625 5628 5630 "
        "5635 5637 5639 5646 5650-5651 5655 5659 5663 5671 6057 6060 6069 6156 6158 6160 "
        "6162 6164 6167 6171 6173 6197 6199 6201 6203 6205 6207 6209 6211 6213 6215 6217 "
        "6219 6221 6223 6225 6227 6229 6231 6233 6235 6237 6242 6244 6246 6276 6278 6280 "
        "6282 6284 6286 6288 6290 6292 6294 6296 6298 6300 6302 6304 6306 6308 6310 6312 "
        "6314 6316 6318 6320 6322 6324 6326 6328 6330 6353 6355 6357 6359 6361 6363 6365 "
        "6367 6369 6371 6373 6375 6377 6379 6381 6383 6385 6387 6389 6391 6393 6397 6399 "
        "7193-7194 7196-7208 7210-7227 7229-7235 7237-7242 7245-7261 7263-7286 7288-7292 "
        "7296-7307 7309-7425 7427-7630 7633 7635 7650 7653 7657 7660 7664 7667 7669 7676 "
        "7679 7681 7765-7783 7785-7830 7832-7843 7845 7848 8004 8006 8008 8017 8019 8021 "
        "8023 8025 8027 8029 8034 8036 8038 8088 8090 8092 8094 8096 8098 8100 8102 8104 "
        "8106 8108 8110 8112 8114 8116 8118 8120 8122 8124 8126 8128 8130 8132 8134 8136 "
        "8138 8140 8142 8144 8146 8148 8150 8152 8154 8156 8158 8160 8162 8164 8166 8168 "
        "8170 8172 8174 8176 8178 8180 8182"
    ),
    "IEP": (
        "270 272-273 275-277 279 281-285 287 289-291 346 349 351 1182 1570 1838 1841 "
        "5615-5617 5633 5636 5641 5648 5653 5657 5672 6002 6068 6170 6174 6241 6243 7088 "
        "7144-7145 7154-7155 7682 8016 8165 8167"
    ),
    "IGC": "317 354",
    "IGI": "316 6091-6097",
    "IKR": "320",
    "IMP": (
        "315 1161 1167-1169 1175 1179 1224-1225 1247 1266 1585 1844 5530 5667-5668 "
        "6049-6052 6063 6099 6101 7089 7092 7117-7118 7160-7163 7165-7168"
    ),
    "IPI": (
        "353 1150-1152 1164 1170 1180-1181 1183 1188 1226-1227 1229 1242 1244-1245 1269 "
        "1807 5620 5626-5627 5631 5634 5640 5643-5644 5647 5652 5656 5669 5805 6007-6009 "
        "6011 6030 6074-6090 6277 6279 6293 6295 6297 6303 6309 6321 6327 6329 6388 6392 "
        "6400 7009 7020 7022 7024 7026 7028 7030 7032 7034 7074 7129 7706 8087 8089 8091 "
        "8093 8095 8097 8099 8101 8103 8105 8107 8109 8111 8113 8115 8117 8119 8121 8123 "
        "8125 8127 8129 8131 8133 8135 8137 8139 8141 8143 8145 8147 8149 8151 8153 8155 "
        "8157 8159 8161 8163 8169 8177"
    ),
    "IRD": "321",
    "ISA": "30-32 247 329-330 5556 5558 5560 5654 7152 7749",
    "ISM": "255 257 260 262 264 5622 5624 5649 5658 5662",
    "ISO": "266 5544",
    "ISS": "250 5546 5610",
    "NAS": "303 5547 7746",
    "ND": "307",
    "RCA": "245 7652 7659 7666",
    "TAS": "304 6017",
}
#: Ids of six digits, as the published file has them.
_SHORT_IDS = {"ECO:000156": "IEA", "ECO:000157": "EXP"}
#: The ECO id that is equivalent to a code.
_DEFAULT = {
    "EXP": "ECO:0000269",
    "HDA": "ECO:0007005",
    "HEP": "ECO:0007007",
    "HGI": "ECO:0007003",
    "HMP": "ECO:0007001",
    "HTP": "ECO:0006056",
    "IBA": "ECO:0000318",
    "IBD": "ECO:0000319",
    "IC": "ECO:0000305",
    "IDA": "ECO:0000314",
    "IEA": "ECO:0000501",
    "IEP": "ECO:0000270",
    "IGC": "ECO:0000317",
    "IGI": "ECO:0000316",
    "IKR": "ECO:0000320",
    "IMP": "ECO:0000315",
    "IPI": "ECO:0000353",
    "IRD": "ECO:0000321",
    "ISA": "ECO:0000247",
    "ISM": "ECO:0000255",
    "ISO": "ECO:0000266",
    "ISS": "ECO:0000250",
    "NAS": "ECO:0000303",
    "ND": "ECO:0000307",
    "RCA": "ECO:0000245",
    "TAS": "ECO:0000304",
}
#: A narrower one for a code with a certain reference. The published file has three more, for ISS;
#: their ids lead back to ISA and ISM, so they are not used: a code must survive the way to and fro.
_BY_REFERENCE = {
    ("IEA", "GO_REF:0000002"): "ECO:0000256",
    ("IEA", "GO_REF:0000003"): "ECO:0000501",
    ("IEA", "GO_REF:0000004"): "ECO:0007322",
    ("IEA", "GO_REF:0000023"): "ECO:0007322",
    ("IEA", "GO_REF:0000020"): "ECO:0000501",
    ("IEA", "GO_REF:0000035"): "ECO:0000265",
    ("IEA", "GO_REF:0000041"): "ECO:0000501",
    ("IEA", "GO_REF:0000043"): "ECO:0000501",
    ("IEA", "GO_REF:0000116"): "ECO:0000501",
    ("IEA", "GO_REF:0000044"): "ECO:0000501",
    ("IEA", "GO_REF:0000107"): "ECO:0000249",
    ("IEA", "GO_REF:0000108"): "ECO:0000363",
    ("IGC", "GO_REF:0000025"): "ECO:0000354",
}


class EcoReading(NamedTuple):
    """The evidence code of an ECO id, and what to warn of."""

    evidence_code: str  # the id itself when no code is known for it: its group is `unstated`
    warning: str  # "", `unknown_eco_id` or `ambiguous_eco_id`


@lru_cache(maxsize=1)
def code_of_eco_id() -> Dict[str, str]:
    """Return the evidence code of each ECO id that has exactly one."""
    codes = dict(_SHORT_IDS)
    for code, numbers in _NUMBERS.items():
        for part in numbers.split():
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                codes[f"ECO:{number:07d}"] = code
    return codes


@lru_cache(maxsize=4096)
def read_eco_id(eco_id: str) -> EcoReading:
    """Return the evidence code of an ECO id.

    >>> read_eco_id("ECO:0000314")
    EcoReading(evidence_code='IDA', warning='')
    >>> read_eco_id("ECO:0007295")
    EcoReading(evidence_code='IEA', warning='ambiguous_eco_id')
    """
    if eco_id in ("", UNSTATED_ECO_ID):
        return EcoReading("", "")
    if eco_id in AMBIGUOUS:
        return EcoReading(AMBIGUOUS[eco_id][0], "ambiguous_eco_id")
    code = code_of_eco_id().get(eco_id)
    return EcoReading(eco_id, "unknown_eco_id") if code is None else EcoReading(code, "")


def eco_id_of(evidence_code: str, reference: str) -> str:
    """Return the ECO id of an evidence code; empty for a code that has none.

    Args:
        evidence_code: Upper case.
        reference: Column 6 of GAF; a GO_REF in it may make the id narrower.

    >>> eco_id_of("IEA", "GO_REF:0000002"), eco_id_of("IDA", "PMID:1"), eco_id_of("NR", "")
    ('ECO:0000256', 'ECO:0000314', '')
    """
    for each in reference.split("|"):
        narrower = _BY_REFERENCE.get((evidence_code, each))
        if narrower:
            return narrower
    return _DEFAULT.get(evidence_code, "")
