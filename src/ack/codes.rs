//! The codes that answers may have, each with when it is used.

/// An enum of codes, its codes as text, and back.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $($(#[$use:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$use])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is written.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The one that is written so.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// TA105: why an interchange is refused, or what was noted of it.
    InterchangeNote {
        /// IEA02 is not ISA13.
        ControlNumbersDiffer = "001",
        /// The segment terminator is none, or a segment does not end.
        TerminatorInvalid = "004",
        /// IEA01 is not the number of functional groups.
        GroupCountWrong = "021",
        /// ISA cannot be read, or a repetition separator is none.
        StructureInvalid = "022",
        /// The data end, or a new ISA comes, before IEA.
        EndsTooEarly = "023",
        /// The interchange was accepted before.
        Duplicate = "025",
        /// The element separator is none.
        ElementSeparatorInvalid = "026",
        /// The component separator is none.
        ComponentSeparatorInvalid = "027",
    }
}

codes! {
    /// AK905 to AK909: why a functional group is refused.
    GroupError {
        /// GS01 is not HC.
        NotSupported = "1",
        /// GS08 is no version that is read.
        VersionNotSupported = "2",
        /// No GE before what follows.
        TrailerMissing = "3",
        /// GE02 is not GS06.
        ControlNumbersDiffer = "4",
        /// GE01 is not the number of transaction sets.
        CountWrong = "5",
        /// GS06 is no control number.
        ControlNumberInvalid = "6",
        /// GS06 stands in the interchange already.
        ControlNumberDuplicate = "19",
    }
}

codes! {
    /// IK502 to IK506: why a transaction set is refused, or has errors.
    SetError {
        /// ST01 is not 837.
        NotSupported = "1",
        /// No SE before what follows.
        TrailerMissing = "2",
        /// SE02 is not ST02.
        ControlNumbersDiffer = "3",
        /// SE01 is not the number of segments.
        CountWrong = "4",
        /// Segments have errors. [`super::Acknowledger`] adds it by itself.
        SegmentsInError = "5",
        /// ST01 is missing or no identifier.
        IdentifierInvalid = "6",
        /// ST02 is missing or no control number.
        ControlNumberInvalid = "7",
        /// ST02 stands in the functional group already.
        ControlNumberDuplicate = "23",
        /// ST03 is not the convention of GS08.
        ConventionNotSupported = "I6",
    }
}

/// Why something is refused, as the reader's issues word it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The interchange: `TA1 R 023`.
    Interchange(InterchangeNote),
    /// The functional group: `AK9 R 3`.
    Group(GroupError),
    /// The transaction set: `IK5 R 2`.
    Set(SetError),
}

impl Refusal {
    /// Reads what [`crate::x12::Issue::acknowledgement`] says; `None` for anything else.
    ///
    /// ```
    /// use claimstream::ack::{Refusal, SetError};
    ///
    /// let refusal = Refusal::from_words("IK5 R I6");
    /// assert_eq!(refusal, Some(Refusal::Set(SetError::ConventionNotSupported)));
    /// ```
    #[must_use]
    pub fn from_words(words: &str) -> Option<Self> {
        match words.split_once(" R ")? {
            ("TA1", code) => InterchangeNote::from_code(code).map(Self::Interchange),
            ("AK9", code) => GroupError::from_code(code).map(Self::Group),
            ("IK5", code) => SetError::from_code(code).map(Self::Set),
            _ => None,
        }
    }
}

codes! {
    /// IK304: what is wrong with a segment as a whole.
    SegmentError {
        /// Its id is none that X12 has.
        Unrecognized = "1",
        /// It stands where none of its kind may stand.
        Unexpected = "2",
        /// It is required, and missing.
        Missing = "3",
        /// Its loop occurs too often.
        LoopTooOften = "4",
        /// It occurs too often.
        TooOften = "5",
        /// It belongs to other transaction sets.
        NotInSet = "6",
        /// It stands in the wrong order.
        OutOfOrder = "7",
        /// Its elements have errors. [`super::Acknowledger`] adds it by itself.
        ElementsInError = "8",
        /// The guide does not use it.
        NotUsed = "I4",
        /// What else is said requires it, and it is missing.
        DependentMissing = "I6",
        /// Its loop occurs too seldom.
        LoopTooSeldom = "I7",
        /// It occurs too seldom.
        TooSeldom = "I8",
        /// What else is said rules it out.
        DependentNotUsed = "I9",
    }
}

codes! {
    /// IK403: what is wrong with an element or a component.
    ElementError {
        /// It is required, and missing.
        Missing = "1",
        /// Other elements require it, and it is missing.
        ConditionalMissing = "2",
        /// The segment has too many elements.
        TooManyElements = "3",
        /// It is too short.
        TooShort = "4",
        /// It is too long.
        TooLong = "5",
        /// It has a character that its type does not have.
        CharacterInvalid = "6",
        /// It is no code of its list.
        CodeInvalid = "7",
        /// It is no date.
        DateInvalid = "8",
        /// It is no time.
        TimeInvalid = "9",
        /// Other elements rule it out.
        Excluded = "10",
        /// It is repeated too often.
        TooManyRepetitions = "12",
        /// The composite has too many components.
        TooManyComponents = "13",
        /// It is a code that the guide does not use.
        CodeNotUsed = "I6",
        /// What else is said requires it, and it is missing.
        DependentMissing = "I9",
        /// The guide does not use it.
        NotUsed = "I10",
        /// It is repeated too seldom.
        TooFewRepetitions = "I11",
        /// It has not the shape that the guide asks for, or does not balance.
        PatternMismatch = "I12",
        /// What else is said rules it out.
        DependentNotUsed = "I13",
    }
}

codes! {
    /// STC01-1: what becomes of a claim.
    Category {
        /// It is accepted.
        Accepted = "A2",
        /// It is rejected, for a reason that fits no other category.
        Rejected = "A3",
        /// It is rejected: something is missing.
        Missing = "A6",
        /// It is rejected: something is invalid.
        Invalid = "A7",
        /// It is rejected: things do not fit each other.
        Relational = "A8",
    }
}

codes! {
    /// STC01-3: whom a claim status code speaks of.
    Entity {
        /// Receiver (1000B).
        Receiver = "40",
        /// Submitter (1000A).
        Submitter = "41",
        /// Service location (2310C, 2420C).
        ServiceLocation = "77",
        /// Rendering provider (2310B, 2420A).
        RenderingProvider = "82",
        /// Billing provider (2010AA).
        BillingProvider = "85",
        /// Pay-to address (2010AB).
        PayTo = "87",
        /// Ordering provider (2420E).
        OrderingProvider = "DK",
        /// Referring provider (2310A, 2420F).
        ReferringProvider = "DN",
        /// Supervising provider (2310D, 2420D).
        SupervisingProvider = "DQ",
        /// Other insured (2330A).
        OtherInsured = "GB",
        /// Subscriber (2010BA).
        Subscriber = "IL",
        /// Payer (2010BB).
        Payer = "PR",
        /// Purchased service provider (2420B).
        PurchasedServiceProvider = "QB",
        /// Patient (2010CA).
        Patient = "QC",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for error in SegmentError::ALL {
            assert_eq!(SegmentError::from_code(error.code()), Some(*error));
        }
        assert_eq!(SetError::from_code("I6").map(SetError::code), Some("I6"));
        assert_eq!(ElementError::from_code("11"), None);
    }

    #[test]
    fn every_refusal_of_the_reader_is_known() {
        let text = include_str!("../intake/fault.rs");
        let words = text.split('"').filter(|words| words.contains(" R "));
        let mut count = 0;
        for words in words {
            assert!(Refusal::from_words(words).is_some(), "{words}");
            count += 1;
        }
        assert!(count > 20, "{count}");
    }

    /// Every code that can be written is explained.
    #[test]
    fn codes_are_documented() {
        let text = include_str!("../../docs/acknowledgements.md");
        let reasons = InterchangeNote::ALL.iter().map(|note| note.code());
        let codes = reasons
            .chain(GroupError::ALL.iter().map(|error| error.code()))
            .chain(SetError::ALL.iter().map(|error| error.code()))
            .chain(SegmentError::ALL.iter().map(|error| error.code()))
            .chain(ElementError::ALL.iter().map(|error| error.code()))
            .chain(Category::ALL.iter().map(|category| category.code()))
            .chain(Entity::ALL.iter().map(|entity| entity.code()));
        for code in codes {
            assert!(text.contains(&format!("`{code}`")), "{code}");
        }
    }
}
