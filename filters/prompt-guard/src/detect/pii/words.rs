//! What people call a number. A star says that the word may go on: `phone*` is also `phoneNumber`.

use super::Kind;
use super::context::Topic;

/// Letters of ASCII match in both cases; words in other alphabets stand here in both.
pub(super) const WORDS: &[(Topic, &str)] = &[
    (
        Topic::Of(Kind::Phone),
        "phone*, telephone*, cellphone*, tel, tel., tele, ph, mobile, mobile number, mobile no, cell number, cell no, \
         fax, fax number, whatsapp, sms, viber, hotline, landline, \
         telefon*, handy, handynummer, mobilnummer, mobil, rufnummer, festnetz, mobiltelefon*, \
         téléphone, portable, gsm, teléfono, telefono, móvil, movil, celular, telefone, telemóvel, \
         cellulare, telefoon*, mobiel, puhelin, puhelinnumero, telefonní, komórka, komórkowy, numer telefonu, \
         телефон*, Телефон*, тел, Тел, тел., мобильный, Мобильный, факс, \
         电话, 手机, 手機, 電話, 联系方式, 携帯, 携帯電話, ファックス, 전화, 휴대폰, 연락처, फोन, मोबाइल, هاتف, جوال",
    ),
    (
        Topic::Reach,
        "call, calling, dial, ring, text, texting, reach, contact, contacts, answering, message, messages, \
         my number, your number, his number, her number, our number, their number, this number, new number, \
         number is, number was, number to, number for, \
         registered, office, desk, direct, cell, home, work, switchboard, helpline, appelez, appeler, joindre, llame, \
         llamar, llámame, contacto, anrufen, anruf, erreichen, erreichbar, ligue, ligar, chiamare, chiama, bel, \
         bellen, \
         ring på, zadzwoń, позвоните, звоните, numéro, número, nummer, numero, numer, номер, 拨打, 致电, 联系",
    ),
    (
        Topic::Version,
        "version*, ver, ver., v, v., release, build, firmware, section, sec., chapter, clause, appendix, \
         figure, table, \
         kernel, driver, revision, rev, oid, §, versión, Version, 版本",
    ),
    (
        Topic::Of(Kind::Ssn),
        "ssn, ss#, ssn#, social security*, social-security*, soc sec, social sec, socialsecurity*, social",
    ),
    (Topic::Of(Kind::Itin), "itin, individual taxpayer, taxpayer identification, taxpayer id, tax id, tin"),
    (Topic::Of(Kind::Nino), "nino, national insurance, ni number, ni no, nin"),
    (Topic::Of(Kind::Nhs), "nhs, national health service, health service number, patient number"),
    (
        Topic::Of(Kind::Sin),
        "sin, social insurance*, nas, numéro d'assurance sociale, numéro d’assurance sociale, assurance sociale",
    ),
    (Topic::Of(Kind::Tfn), "tfn, tax file*, tax-file*"),
    (Topic::Of(Kind::Medicare), "medicare*"),
    (Topic::Of(Kind::Aadhaar), "aadhaar*, aadhar*, adhaar, uidai, uid, आधार"),
    (Topic::Of(Kind::Pan), "pan, permanent account*, pan card, income tax, पैन"),
    (Topic::Of(Kind::Cpf), "cpf, cadastro de pessoas, cadastro de pessoa física, contribuinte, taxpayer"),
    (Topic::Of(Kind::Cnpj), "cnpj, cadastro nacional, company number"),
    (
        Topic::Of(Kind::Bsn),
        "bsn, burgerservicenummer*, burger service nummer, sofinummer*, sofi-nummer, citizen service*",
    ),
    (Topic::Of(Kind::Pesel), "pesel*, numer ewidencyjny"),
    (
        Topic::Of(Kind::Personnummer),
        "personnummer*, pnr, samordningsnummer, swedish personal*, personal identity*, personal number",
    ),
    (Topic::Of(Kind::Fodselsnummer), "fødselsnummer*, fodselsnummer*, fnr, norwegian national*"),
    (Topic::Of(Kind::Hetu), "hetu, henkilötunnu*, finnish personal*"),
    (Topic::Of(Kind::SteuerId), "steuer-id*, steuerid*, steueridentifikationsnummer, steuernummer, idnr, german tax*"),
    (Topic::Of(Kind::Nir), "nir, insee, sécurité sociale, securite sociale, numéro de sécu, french social*"),
    (Topic::Of(Kind::Ahv), "ahv*, avs, ahv-nr, swiss social*"),
    (Topic::Of(Kind::Cpr), "cpr, cpr-nr, cpr-nummer, cpr nummer, cprnummer, danish personal*"),
    (
        Topic::Of(Kind::BelgianNumber),
        "rijksregister*, rijksregisternummer, registre national, numéro national, niss, insz, \
         national register*, nationalregister*, belgian national*",
    ),
    (Topic::Of(Kind::Cnp), "cnp, cod numeric personal, codul numeric, romanian personal*"),
    (Topic::Of(Kind::RodneCislo), "rodné číslo, rodne cislo, rodného čísla, rč, birth number"),
    (Topic::Of(Kind::Oib), "oib, osobni identifikacijski*, croatian personal*"),
    (
        Topic::Of(Kind::Nif),
        "nif, número de contribuinte, numero de contribuinte, contribuinte, identificação fiscal, tax number, \
         vat number",
    ),
    (Topic::Of(Kind::Ppsn), "pps, ppsn, pps number, pps no, personal public service*, uimhir psp"),
    (Topic::Of(Kind::Isikukood), "isikukood*, asmens kodas, asmens kodo, personal code, estonian personal*"),
    (Topic::Of(Kind::Snils), "snils, снилс, СНИЛС, pension insurance*"),
    (Topic::Of(Kind::Tckn), "tckn, tc kimlik*, t.c. kimlik*, kimlik*, tc no, tc:, turkish id*, turkish identi*"),
    (Topic::Of(Kind::IsraeliId), "teudat zehut, israeli id*, israel id*, תעודת זהות, ת.ז, ת\"ז, מספר זהות"),
    (
        Topic::Of(Kind::SouthAfricanId),
        "south african id*, sa id, rsa id, id number, id no, identity number, id-nommer, identiteitsnommer, said",
    ),
    (Topic::Of(Kind::Rrn), "주민등록번호, 주민번호, 등록번호, rrn, resident registration*, korean id*"),
    (Topic::Of(Kind::MyNumber), "マイナンバー, 個人番号, my number, mynumber, individual number"),
    (
        Topic::Of(Kind::TaiwaneseId),
        "身分證*, 身份證*, 身分證字號, 統一編號, taiwanese id*, taiwan id*, national identification*, national id*",
    ),
    (Topic::Of(Kind::ThaiId), "บัตรประชาชน, เลขประจำตัวประชาชน, เลขบัตรประชาชน, thai id*, thai national*, citizen id"),
    (Topic::Of(Kind::Rut), "rut, run, rol único*, rol unico*, cédula, cedula, chilean id*"),
    (Topic::Of(Kind::Cuit), "cuit, cuil, clave única de identificación*, argentine tax*"),
    (Topic::Of(Kind::Dni), "dni, nif, documento nacional*, spanish id*"),
    (Topic::Of(Kind::Nie), "nie, número de identidad de extranjero, identidad de extranjero, foreigner*"),
    (
        Topic::Of(Kind::Passport),
        "passport*, passeport*, reisepass*, passnummer, passnr, pasaporte*, passaporto*, passaporte*, paspoort*, \
         paszport*, pasaport*, паспорт*, Паспорт*, 护照*, 護照*, 旅券*, パスポート*, 여권*, पासपोर्ट, جواز السفر, pass nr, \
         pass-nr, pas nr, \
         passi, pass no",
    ),
    (
        Topic::Of(Kind::DateOfBirth),
        "date of birth, date-of-birth, dateofbirth, date_of_birth, birth date, birthdate, birth_date, birthday, \
         dob, d.o.b., \
         d.o.b, born, born on, bday, geburtsdatum, geburtstag, geboren, geb., geb, né le, née le, né(e) le, \
         date de naissance, naissance, fecha de nacimiento, nacimiento, nacido, nacida, nací, data di nascita, \
         nato il, \
         nata il, nato, nata, data de nascimento, nascimento, nascido, nascida, nasc., geboortedatum, geboren op, \
         data urodzenia, urodzony, urodzona, ur., født, fødselsdato, född, födelsedatum, syntymäaika, syntynyt, \
         datum narození, narozen, születési, doğum tarihi, doğum, дата рождения, Дата рождения, родился, родилась, \
         出生日期, 出生年月, 出生, 生日, 生年月日, 誕生日, 生まれ, 생년월일, 생일, जन्म तिथि, जन्मतिथि, תאריך לידה, تاريخ الميلاد, ngày sinh, \
         tanggal lahir",
    ),
];
