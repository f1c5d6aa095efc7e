//! What counts as personal data here.

/// A kind of personal data. Of two findings of one length the kind that stands first here is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address: RFC 5321, RFC 6531.
    Email,
    /// An account: ISO 13616.
    Iban,
    /// A payment card: ISO/IEC 7812.
    Card,
    /// An address of Bitcoin.
    Bitcoin,
    /// An address of Ethereum: ERC-55.
    Ethereum,
    /// An address of Litecoin.
    Litecoin,
    /// An address of Dogecoin.
    Dogecoin,
    /// An address of Tron.
    Tron,
    /// A hardware address: IEEE 802.
    Mac,
    /// An IP address: RFC 791, RFC 4291.
    Ip,
    /// Social security number, United States.
    Ssn,
    /// Individual taxpayer identification number, United States.
    Itin,
    /// National insurance number, United Kingdom.
    Nino,
    /// NHS number, United Kingdom.
    Nhs,
    /// Social insurance number, Canada.
    Sin,
    /// Tax file number, Australia.
    Tfn,
    /// Medicare number, Australia.
    Medicare,
    /// Aadhaar, India.
    Aadhaar,
    /// Permanent account number, India.
    Pan,
    /// Cadastro de pessoas físicas, Brazil.
    Cpf,
    /// Cadastro nacional da pessoa jurídica, Brazil.
    Cnpj,
    /// Steuerliche Identifikationsnummer, Germany.
    SteuerId,
    /// Numéro d'inscription au répertoire (INSEE), France.
    Nir,
    /// Codice fiscale, Italy.
    CodiceFiscale,
    /// Documento nacional de identidad, Spain.
    Dni,
    /// Número de identidad de extranjero, Spain.
    Nie,
    /// Burgerservicenummer, Netherlands.
    Bsn,
    /// PESEL, Poland.
    Pesel,
    /// Personnummer, Sweden.
    Personnummer,
    /// Fødselsnummer, Norway.
    Fodselsnummer,
    /// CPR-nummer, Denmark.
    Cpr,
    /// Henkilötunnus, Finland.
    Hetu,
    /// AHV number, Switzerland.
    Ahv,
    /// National number, Belgium.
    BelgianNumber,
    /// Cod numeric personal, Romania.
    Cnp,
    /// Rodné číslo, Czechia and Slovakia.
    RodneCislo,
    /// Osobni identifikacijski broj, Croatia.
    Oib,
    /// Número de identificação fiscal, Portugal.
    Nif,
    /// Personal public service number, Ireland.
    Ppsn,
    /// Personal code, Estonia and Lithuania.
    Isikukood,
    /// SNILS, Russia.
    Snils,
    /// T.C. kimlik numarası, Türkiye.
    Tckn,
    /// Identity number, Israel.
    IsraeliId,
    /// Identity number, South Africa.
    SouthAfricanId,
    /// Resident registration number, Korea.
    Rrn,
    /// Individual number, Japan.
    MyNumber,
    /// Resident identity number, China.
    ResidentId,
    /// National identification number, Taiwan.
    TaiwaneseId,
    /// Identity number, Thailand.
    ThaiId,
    /// NRIC and FIN, Singapore.
    Nric,
    /// Rol único tributario, Chile.
    Rut,
    /// CUIT and CUIL, Argentina.
    Cuit,
    /// Clave única de registro de población, Mexico.
    Curp,
    /// The number of a passport, behind a word for it.
    Passport,
    /// A date, behind a word for birth.
    DateOfBirth,
    /// A telephone number: E.164, and as people write it.
    Phone,
}

macro_rules! words {
    ($($variant:ident $word:literal),+ $(,)?) => {
        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word, which stays.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        /// By its word.
        impl<'de> serde::Deserialize<'de> for Kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let known = Self::ALL.iter().copied().find(|known| known.word() == text);
                known.ok_or_else(|| serde::de::Error::unknown_variant(&text, &[$($word),+]))
            }
        }
    };
}

words!(Email "email", Iban "iban", Card "card", Bitcoin "bitcoin", Ethereum "ethereum", Litecoin "litecoin",
    Dogecoin "dogecoin", Tron "tron", Mac "mac", Ip "ip", Ssn "ssn", Itin "itin", Nino "nino", Nhs "nhs", Sin "sin",
    Tfn "tfn", Medicare "medicare", Aadhaar "aadhaar", Pan "pan", Cpf "cpf", Cnpj "cnpj", SteuerId "steuer_id",
    Nir "nir", CodiceFiscale "codice_fiscale", Dni "dni", Nie "nie", Bsn "bsn", Pesel "pesel",
    Personnummer "personnummer", Fodselsnummer "fodselsnummer", Cpr "cpr", Hetu "hetu", Ahv "ahv",
    BelgianNumber "belgian_number", Cnp "cnp", RodneCislo "rodne_cislo", Oib "oib", Nif "nif", Ppsn "ppsn",
    Isikukood "isikukood", Snils "snils", Tckn "tckn", IsraeliId "israeli_id", SouthAfricanId "south_african_id",
    Rrn "rrn", MyNumber "my_number", ResidentId "resident_id", TaiwaneseId "taiwanese_id", ThaiId "thai_id",
    Nric "nric", Rut "rut", Cuit "cuit", Curp "curp", Passport "passport", DateOfBirth "date_of_birth",
    Phone "phone");

#[cfg(test)]
mod tests {
    use super::Kind;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_kinds_share_a_word() {
        let words: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        assert_eq!(words.len(), Kind::ALL.len());
    }

    #[test]
    fn a_kind_is_read_by_its_word_and_by_nothing_else() {
        for kind in Kind::ALL {
            let read: Kind = serde_json::from_value(kind.word().into()).unwrap();
            assert_eq!(read, *kind);
        }
        assert!(serde_json::from_value::<Kind>("Email".into()).is_err());
    }
}
