"""Letters of other alphabets that look like ours; what Unicode itself can take apart is not listed here."""

# Each line: ours, then what is taken for it.
LINES = """
a аАαΑɑᴀꭺᗅΛƛ∀
b ЬьвВβΒʙᏼᖯɓƀ
c сСϲϹᴄⅽↄ¢ƈ
d ԁᏧᗞⅾᴅɖđɗ
e еЕєЄεΕҽᴇ℮ɛэЭэəǝ
f ғҒƒꜰϝɟꬵ
g ɡԍԌɢɠǥց
h һҺнНηΗʜհɦħ
i іІιΙıɪɩ¡ӏ
j јЈϳʝᴊɉյ
k кКκΚᴋƙқҚҡ
l ⅼʟłŁƚǀӀ∣׀
m мМμΜᴍⅿɱ
n пПΝνɴռոɲƞ
o оОοΟσᴏօՕ๐໐०০οøØɵθΘөӨ⊕
p рРρΡᴘþÞҏ
q ԛԚգʠ
r гГʀᴦɍɾяЯ
s ѕЅꜱʂșşՏ§
t тТτΤᴛŧţ†
u υմսᴜʉцЦ∪
v ѵѴνᴠⅴ∨
w ԝԜωᴡшШѡɯω
x хХχΧⅹ×᙭
y уУγΥүҮʏɣ¥
z ᴢΖƶʐȥ
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

LOOK_ALIKES = {
    look_alike: ours
    for ours, look_alikes in (line.split(maxsplit=1) for line in LINES.strip().splitlines())
    for look_alike in look_alikes.strip()
    if look_alike != ours
} | {"ß": "ss", "æ": "ae", "œ": "oe", "Æ": "ae", "Œ": "oe", "…": "...", "€": "$", "£": "$"}

# Letters from A to Z in a box or a ball, which nothing takes apart: their first ones.
RANGES = (0x1F150, 0x1F170, 0x1F1E6)
