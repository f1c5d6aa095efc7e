//! The most common words of English and its neighbours, and of what attacks on models speak of: by them, a text that makes
//! sense is told from one that does not.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What is known of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Before a noun: `the`, `your`.
    Article,
    /// Before an article, and not behind one: `of`, `with`, `is`.
    Link,
    /// Any other.
    Word,
}

/// The first eight letters of a word, in lower case; the first in the lowest byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Key(pub(super) u64);

impl Key {
    /// The key of these letters, which are in lower case.
    pub(super) fn of(letters: impl Iterator<Item = u8>) -> Self {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(letters).for_each(|(byte, letter)| *byte = letter);
        Self(u64::from_le_bytes(bytes))
    }

    /// Its bucket, and what stands there for a word of no kind.
    #[inline]
    fn hash(self) -> (usize, u32) {
        let hash = self.0.wrapping_mul(MULTIPLIER);
        let [high, low, ..] = hash.to_be_bytes();
        let [.., a, b, c, d] = hash.wrapping_shr(20).to_be_bytes();
        let bucket = usize::from(u16::from_be_bytes([high, low]).wrapping_shr(6));
        (bucket, u32::from_be_bytes([a, b, c, d]) | 3)
    }
}

/// The common words.
#[derive(Debug)]
pub(crate) struct Words {
    /// A hash table of buckets. Of the first eight letters of a word, 30 bits are kept, and in two its kind.
    buckets: Box<[Bucket; BUCKETS]>,
    /// Those with more than eight letters, whole.
    long: BTreeSet<&'static [u8]>,
}

type Bucket = [u32; 4];

const BUCKETS: usize = 1024;

/// Chosen so that no bucket overflows; a test says if another is needed.
const MULTIPLIER: u64 = 0x9b81_0e76_6ec9_d287;

impl Words {
    /// All there are.
    pub(crate) fn common() -> &'static Self {
        static WORDS: LazyLock<Words> = LazyLock::new(Words::new);
        &WORDS
    }

    fn new() -> Self {
        let mut words = Self { buckets: Box::new([[0; 4]; BUCKETS]), long: BTreeSet::new() };
        for (kind, list) in LISTS {
            list.split_ascii_whitespace().for_each(|word| words.add(word, kind));
        }
        words
    }

    fn add(&mut self, word: &'static str, kind: Kind) {
        if word.len() > 8 {
            self.long.insert(word.as_bytes());
        }
        let (bucket, full) = Key::of(word.bytes()).hash();
        let bucket = self.buckets.get_mut(bucket);
        let place = bucket.and_then(|bucket| bucket.iter_mut().find(|known| **known == 0 || **known | 3 == full));
        if let Some(place) = place.filter(|place| **place == 0) {
            *place = full & !3 | kind.bits();
        }
    }

    /// Whether these small letters are a common word of three letters or more, the whole of it.
    pub(crate) fn has(&self, letters: &[u8]) -> bool {
        match letters.len() {
            0..=2 => false,
            3..=8 => self.kind(Key::of(letters.iter().copied())).is_some(),
            _ => self.may_begin(letters) && self.long.contains(letters),
        }
    }

    /// Whether a common word may begin with these small letters; of fewer than eight nothing is known.
    pub(crate) fn may_begin(&self, letters: &[u8]) -> bool {
        letters.len() < 8 || self.kind(Key::of(letters.iter().copied())).is_some()
    }

    /// What a word is, if it begins with the eight letters of a common one, or is one; one letter is none.
    #[inline]
    pub(super) fn kind(&self, key: Key) -> Option<Kind> {
        let (bucket, full) = key.hash();
        let bucket = self.buckets.get(bucket)?;
        let pick = |found: u32, known: &u32| if *known | 3 == full { found | *known & 3 } else { found };
        let bits = bucket.iter().fold(0, pick);
        Kind::of_bits(if key.0 < 0x100 { 0 } else { bits })
    }
}

impl Kind {
    fn bits(self) -> u32 {
        match self {
            Kind::Article => 1,
            Kind::Link => 2,
            Kind::Word => 3,
        }
    }

    #[inline]
    fn of_bits(bits: u32) -> Option<Self> {
        match bits {
            0 => None,
            1 => Some(Kind::Article),
            2 => Some(Kind::Link),
            _ => Some(Kind::Word),
        }
    }
}

const LISTS: [(Kind, &str); 5] = [
    (Kind::Article, ARTICLES),
    (Kind::Link, LINKS),
    (Kind::Word, ENGLISH),
    (Kind::Word, ATTACKS),
    (Kind::Word, OTHERS),
];

const ARTICLES: &str = "the an my your our their its every";

const LINKS: &str = "of to in and for on with is are as from by at into be or about was were if than";

const ENGLISH: &str = "\
    this these those \
    that it not you have has had he she they we his her him them us me do does did done will would can could may might must
    should shall been being but what which who whom whose when where why how there here then thus so such no nor yes all any
    some each few many much more most less least other another same own only just also too very even still yet again ever
    never always often now today tomorrow yesterday before after above below between under over up down out off through
    during against without within upon toward towards across along around behind beside beyond near since until while because
    though although unless whether else both either neither one two three four five six seven eight nine ten first second
    third last next good better best bad new old great small large big long short high low right left early late young
    able free full real true false sure clear easy hard open close simple strong important different public private
    time year day week month hour minute people man woman men women child children world life hand part place case point
    company number group problem fact thing things something anything nothing everything someone anyone everyone room home
    house school water money story book word words line name list side kind head eye face body city country state power
    way ways idea end question answer result reason example value text message letter paper page table level form figure
    food family friend game party work job area law war history art music film health air earth sun night morning evening
    go goes going went gone come comes came get gets got give gives gave given take takes took make makes made making use
    used using user say says said tell tells told ask asks asked see seen saw look looks know knows knew known think thought
    want wants wanted need needs try feel become leave put mean keep let begin seem help helps show shows shown hear play
    run move live believe hold bring happen write writes written wrote provide sit stand lose pay meet include continue set
    learn change lead understand watch follow follows following stop create speak read allow add spend grow walk win offer
    remember love consider appear buy wait serve die send expect build stay fall cut reach kill remain suggest raise pass
    sell require report decide pull explain describe translate summarize sentence start act acting turn call called find
    found like likes please thank thanks hello dear let complete completely available possible specific general certain
    currently finally however instead therefore really maybe perhaps almost enough rather quite back away together once
    twice every early also another through information data code file files system program computer language model service
    network internet website email phone number address account business customer product market price order office team
    project plan research study student teacher test class science energy human social local national international
    government political president policy report section article title image picture video color red blue green black white
    hot cold water fire light dark car road door window table machine function variable input output type string return
    print python java html json query search click button step steps task tasks tool tools note notes request response
    based according related several various particular recent actually usually probably exactly simply especially
    create generate provide describe discuss write make suggest recommend compare analyze identify determine calculate
    convert check ensure verify update delete remove insert select execute process perform support develop design improve
    increase reduce control manage review approach method difference between benefits effects cause causes impact
    topic details content context format version access security safety risk issue issues error public open local
    poem story character scene role dialogue character essay paragraph summary review recipe travel trip hotel flight
    guide advice tips list favorite popular best top main major common special single whole entire final original";

const ATTACKS: &str = "\
    ignore disregard forget override bypass reveal disclose expose leak repeat print output display previous prior earlier
    above preceding instruction instructions rules rule guidelines guideline restrictions restriction restricted
    unrestricted limits limitations filter filters filtered unfiltered policy policies system prompt prompts developer mode
    jailbreak jailbroken dan pretend imagine persona roleplay assistant chatbot chatgpt gpt openai anthropic claude model
    admin administrator root password passwords secret secrets key keys token tokens credential credentials hidden internal
    confidential private training data safety safeguard safeguards ethical ethics moral harmful illegal dangerous weapon
    bomb hack hacker hacking malware virus exploit attack attacker inject injection steal phishing execute command commands
    code enabled disabled enable disable anything everything without enter access granted grant authorize authorized
    simulate simulation respond response answer exactly verbatim beginning initial configuration conversation everything
    encode decode base translate evil free comply obey refuse refusal warning warnings disclaimer user users message
    messages say pwned owned new task now act operating content unlimited freedom rootkit process hide delete fresh";

const OTHERS: &str = "\
    der die das und ist nicht ein eine einen dem den des mit auf zu von sich auch wie wir ihr sie ich du es im fur aus bei
    nach wird werden sind haben alle anweisungen ignoriere vorherigen oder aber nur noch wenn kann bitte uber
    le la les un une des et est pas que qui dans pour sur avec vous nous je tu il elle ce cette ces votre mon son plus
    ignorez ignore toutes tous instructions precedentes faire fait sont comme mais
    el los las una del y que en por con para como pero sus este esta todas todos ignora instrucciones anteriores muestra
    hacer eres tu usted
    lo gli di che non per sono tutte tutti istruzioni precedenti mostra della questo come piu
    os as um uma dos das nao com voce seu sua instrucoes ignore mais isso todas";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_place() {
        for word in LISTS.iter().flat_map(|(_, list)| list.split_ascii_whitespace()).filter(|word| word.len() > 1) {
            assert!(Words::common().kind(Key::of(word.bytes())).is_some(), "{word}: MULTIPLIER is to be chosen again");
        }
        assert_eq!(Words::common().kind(Key::of(b"the".iter().copied())), Some(Kind::Article));
        assert_eq!(Words::common().kind(Key::of(b"qzx".iter().copied())), None);
    }
}
