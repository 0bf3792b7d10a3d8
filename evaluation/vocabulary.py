"""The word pools of the invented world: plain data, no drawing.

Pools are small on purpose: a value shared by several people is what makes a neighbour a neighbour, and
a word seen often becomes one token. Trades and genres start with a consonant so that "a" always fits
before them.
"""

from functools import cache
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    """Split a block of words; underscores stand for spaces inside one item."""
    return tuple(word.replace("_", " ") for word in text.split())


FIRST_NAMES: Final = _words("""
    Alden Amara Anselm Astrid Basil Beatrix Bram Brigid Caspar Cecily Corin Cressida Damaris Darius
    Delphine Dorian Edda Edwin Elowen Emeric Esme Fabian Felix Fenna Flora Gareth Gideon Greta Gwen
    Harriet Hector Hester Imogen Ingrid Ivo Jasper Joris Juno Kestrel Lambert Leander Leonie Linus Liora
    Lucian Mabel Magnus Marius Maren Merrick Minerva Mirabel Nadia Nestor Niall Odette Olive Orson Oswin
    Otto Pascal Perrin Petra Phoebe Quentin Quilla Ramona Remy Rhoda Roland Rosalind Rufus Sabine Selwyn
    Septimus Signe Silas Sybil Tamsin Thaddeus Thea Tobias Ulric Ursula Valerian Vera Verity Vivian
    Walter Wilhelm Winifred Xenia Yara Yorick Zelda
""")

SURNAMES: Final = _words("""
    Abernathy Ashdown Barlow Beck Bellamy Birch Blackwood Bramble Brandt Calder Carver Chandler Crane
    Cross Dane Darrow Dray Elder Ellery Fairfax Falk Finch Flint Frost Garland Gosling Grange Greer Hale
    Hargrove Harrow Hawke Heron Holt Ivers Jessop Keats Kessler Kirby Lark Larkin Lindqvist Lockwood
    Lowell Mallory Marsh Mercer Merriweather Moss Nash Nightingale Oakes Orchard Osgood Pell Pemberton
    Penrose Pike Quill Radley Ravenel Reed Rook Rowe Sable Sallow Sexton Shaw Sorrel Spindle Stark
    Sterling Swann Tarn Thackeray Thorne Tolliver Trask Tully Underhill Vale Vance Vesper Wainwright
    Warrick Weld Whitlock Wilde Winslow Wren Wyatt Yarrow Yates Yorke Zeller
""")

TOWNS: Final = _words("""
    Tolvik Marrowby Esterholm Quenby Halvard Brinmoor Castelo Dunwick Elmstad Farrowmere Gildersund
    Hexley Ivarsdal Jorvale Kelmscot Lindisay Morvane Norrland Oslavia Pellworth Ravensund Selkirk
    Thornby Uldale Varnholm Westrock Yarmouth Zandvoort Ambleford Borgund Corvane Dalmark Eddystone
    Fenmarch Glenarvon Harstad Ilmenau Keswick Lorne Mirefleet Nivelle Ostrava Penhallow Rosmead Sandvik
    Torquil Velmar Windrush
""")

TRADES: Final = _words("""
    baker barber beekeeper blacksmith bookbinder brewer butcher carpenter clockmaker cobbler cooper
    dentist druggist ferryman fisherman gardener glassblower goldsmith grocer hatter locksmith mason
    miller miner painter pharmacist plumber potter printer saddler sailor shepherd surgeon tailor tanner
    weaver
""")

GENRES: Final = _words("""
    gothic_fiction crime_fiction science_fiction historical_romance nature_poetry travel_writing
    political_satire ghost_stories magical_realism nursery_tales war_memoirs sea_adventure
    philosophical_essays folk_ballads domestic_comedy spy_thrillers lyric_drama western_novels
    dream_journals short_fables
""")

BOOK_ADJECTIVES: Final = _words("""
    Amber Ancient Barren Bitter Brazen Broken Burning Crimson Crooked Distant Drowned Eternal Fallen
    Frozen Gilded Golden Hidden Hollow Hungry Idle Iron Ivory Lonely Lost Mortal Naked Narrow Painted
    Patient Perfect Quiet Sacred Salted Secret Silent Silver Stolen Sunken Velvet Wicked
""")

BOOK_NOUNS: Final = _words("""
    Anchor Archive Ballad Basket Bell Bridge Cabinet Candle Canyon Chapel Compass Cottage Crown Dagger
    Desert Empire Engine Feather Garden Gate Harbor Harvest Island Journey Kingdom Ladder Lantern Letter
    Machine Map Meadow Mirror Needle Palace Parade Prison Raven River Rose Shadow Ship Summer Tower
    Valley Violin Voyage Window Winter
""")

ADJECTIVES: Final = _words("""
    bright calm careful cheerful clever cold curious dark dusty famous fierce foggy gentle grand green
    grey happy harsh heavy kind lively long loud modest noisy pale patient poor proud quiet remote rich
    rough shy small snowy sober solemn steep stern strange strict sudden sunny tall tender tiny tired
    warm wild windy wise young
""")

SETTLEMENTS: Final = _words("""
    borough camp capital city colony hamlet haven market parish port resort spa suburb town
""")

FEATURES: Final = _words("""
    bays canals cliffs docks dunes falls farms fields fjords gorges heaths hills lakes moors plains
    ponds reefs ridges rocks woods
""")

SKILLS: Final = _words("""
    archery baking boxing carving chess cooking dancing drawing fencing fishing French grammar history
    hunting Latin manners music riding rowing sewing
""")

JOBS: Final = _words("""
    clerk cook courier dancer diver driver farmer guide jockey judge nurse pianist pilot porter postman
    ranger soldier teacher tutor waiter
""")

PLACES: Final = _words("""
    bakery bank brewery casino circus college factory foundry gallery hotel laundry market mill museum
    prison school tavern zoo
""")

EVENTS: Final = _words("""
    concert divorce drought duel eclipse fever fire flood funeral harvest illness journey lawsuit
    lecture promise storm strike summer trial voyage war winter
""")

COLOURS: Final = _words("""
    black blue brown copper cream green grey lilac orange pink purple red silver violet white yellow
""")

COUNTS: Final = _words("""
    two three four five six seven eight nine ten eleven twelve fifteen twenty thirty
""")

CONTAINERS: Final = _words("""
    albums boxes chests crates diaries drawers folders ledgers notebooks rolls tins trunks
""")

ANIMALS: Final = _words("""
    bees cats crows dogs doves ducks foxes geese goats hares hens horses mice mules otters owls ponies
    sheep snails swans
""")

AWARDS: Final = _words("""
    Aldine Beacon Chalice Corona Dovecote Eastgate Falconer Granite Halcyon Juniper Laurel Oriole Quarto
    Regent Umber Zenith
""")

READERS: Final = _words("""
    admirers agents cousins collectors critics editors friends historians pupils readers reviewers
    scholars students visitors
""")

DAYS: Final = _words("""
    Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays holidays weekdays weekends
""")

TIMES: Final = _words("""
    afternoon breakfast dawn dinner dusk lunch midday midnight noon sunrise sunset supper tea teatime
""")


@cache
def all_words() -> tuple[str, ...]:
    """Every word of every pool, each once, in a fixed order."""
    names = (
        FIRST_NAMES,
        SURNAMES,
        TOWNS,
        TRADES,
        GENRES,
        BOOK_ADJECTIVES,
        BOOK_NOUNS,
        ADJECTIVES,
        SETTLEMENTS,
    )
    others = (FEATURES, SKILLS, JOBS, PLACES, EVENTS, COLOURS, COUNTS, CONTAINERS, ANIMALS, AWARDS, READERS)
    pools = (*names, *others, DAYS, TIMES)
    return tuple(dict.fromkeys(word for pool in pools for item in pool for word in item.split()))
