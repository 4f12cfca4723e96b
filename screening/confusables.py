"""Letters of other alphabets that look like ours; what Unicode itself can take apart is not listed here."""

# Each line: ours, then what is taken for it.
LINES = """
a аАαΑɑᴀꭺᗅΛƛ∀ɐᎪꓮꓥⲀⲁ
b ЬьвВβΒʙᏼᖯɓƀƅᏴꓐⲂⲃ
c сСϲϹᴄⅽↄ¢ƈᏟꓚⲤⲥ
d ԁᏧᗞⅾᴅɖđɗδᎠꓓꓒ
e еЕєЄεΕҽᴇ℮ɛэЭэəǝᎬꓰⲈⲉ
f ғҒƒꜰϝɟꬵꓝ
g ɡԍԌɢɠǥցᏀᏳꓖ
h һҺнНΗʜհɦħɥᎻꓧⲎⲏᏂ
i іІιΙıɪɩ¡ᎥᏆꓲⲒⲓ
j јЈϳʝᴊɉյᎫꓙ
k кКκΚᴋƙқҚҡʞᏦꓗⲔⲕ
l ⅼʟłŁƚǀӀ∣׀Ꮮꓡӏ
m мМμΜᴍⅿɱᎷꓟⲘⲙ
n пПΝɴռոɲƞηꓠⲚⲛ
o оОοΟσᴏօՕ๐໐०০οøØɵθΘөӨ⊕ꓳⲞⲟᎾ𐐬𐐄
p рРρΡᴘþÞҏᏢꓑⲢⲣք
q ԛԚգʠզ
r гГʀᴦɍɾяЯɹᎡᏒꓣⲄⲅ
s ѕЅꜱʂșşՏ§ςᏚꓢᏕտ
t тТτΤᴛŧţ†ʇᎢꓔⲦⲧ
u υմսᴜʉцЦ∪ꓴ
v ѵѴνᴠⅴ∨ʌᏙꓦ
w ԝԜωᴡшШѡɯωʍᎳᏔꓪⲰⲱ
x хХχΧⅹ×᙭ꓫⲬⲭ
y уУγΥүҮʏɣ¥ʎᎩᎽꓬⲨⲩ
z ᴢΖƶʐȥᏃꓜⲌⲍ
0 Ѳ
1 １
3 зЗӡӠʒʒ
4 ч
6 б
' ‘’‚‛′`´ʹʻʼˈ＇
" “”„‟″＂
- ‐‑‒–—―−⁃
. ․‧∙·•。
/ ⁄∕
$ ＄﹩
@ ＠﹫
"""

_LISTED = {
    look_alike: ours
    for ours, look_alikes in (line.split(maxsplit=1) for line in LINES.strip().splitlines())
    for look_alike in look_alikes.strip()
    if look_alike != ours
} | {"ß": "ss", "æ": "ae", "œ": "oe", "Æ": "ae", "Œ": "oe", "…": "...", "€": "$", "£": "$"}
# A small letter that is not listed itself is drawn like its capital, only smaller: those of the Cherokee.
LOOK_ALIKES = {look_alike.lower(): ours for look_alike, ours in _LISTED.items()} | _LISTED

# Letters from A to Z in a box or a ball, which nothing takes apart: their first ones.
RANGES = (0x1F150, 0x1F170, 0x1F1E6)

# One letter drawn with several signs, a longer drawing before what it begins with.
DRAWINGS = (
    ("/\\/\\", "m"), ("|\\/|", "m"), ("\\/\\/", "w"), ("|-|", "h"), ("|_|", "u"), ("(_)", "u"), ("|\\|", "n"),
    ("/-\\", "a"), ("/\\", "a"), ("\\/", "v"), ("|<", "k"), ("|{", "k"), ("|)", "d"), ("|3", "b"), ("|=", "f"),
    ("|2", "r"), ("><", "x"), ("()", "o"), ("[]", "o"), ("vv", "w"),
)  # fmt: skip
# What stands for a letter only where it stands beside one.
SIGNS = {"(": "c", "<": "c", "#": "h", "6": "g", "2": "z"}
