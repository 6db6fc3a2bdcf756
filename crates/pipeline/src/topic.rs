//! The ARN of an SNS topic.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// ARN of an SNS topic, such as `arn:aws:sns:eu-west-1:111122223333:alerts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn {
    text: String,
    region: String,
}

/// Why a text is no ARN of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TopicArnError {
    /// Not six parts that begin with `arn:`.
    #[error("not an ARN, which looks like `arn:aws:sns:eu-west-1:111122223333:alerts`")]
    NotAnArn,
    /// The ARN of something else, for example of a subscription or a queue.
    #[error("not the ARN of an SNS topic, which looks like `arn:aws:sns:eu-west-1:111122223333:alerts`")]
    NotATopic,
    /// No region.
    #[error("the ARN names no region")]
    Region,
    /// The account is not 12 digits.
    #[error("the account in the ARN is not 12 digits")]
    Account,
    /// The name has other characters than letters, digits, `-` and `_`, or a wrong length.
    #[error("the topic name is not 1 to 256 letters, digits, `-` and `_`")]
    Name,
}

impl TopicArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Region of the topic. Requests must go there: SNS refuses topics of another region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is a FIFO topic, which wants a group and a deduplication identifier with every message.
    pub fn is_fifo(&self) -> bool {
        self.text.strip_suffix(".fifo").is_some()
    }
}

impl FromStr for TopicArn {
    type Err = TopicArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, service, region, account, name @ ..] = parts.as_slice() else {
            return Err(TopicArnError::NotAnArn);
        };
        let [name] = name else { return Err(TopicArnError::NotATopic) };
        if !partition.starts_with("aws") || *service != "sns" {
            return Err(TopicArnError::NotATopic);
        }
        if region.is_empty() {
            return Err(TopicArnError::Region);
        }
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TopicArnError::Account);
        }
        if !is_topic_name(name) {
            return Err(TopicArnError::Name);
        }
        Ok(Self { text: text.to_owned(), region: (*region).to_owned() })
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn is_topic_name(name: &str) -> bool {
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    !stem.is_empty()
        && name.len() <= 256
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_of_all_partitions_are_read() {
        for (text, region, fifo) in [
            ("arn:aws:sns:eu-west-1:111122223333:alerts", "eu-west-1", false),
            ("arn:aws-us-gov:sns:us-gov-west-1:111122223333:a_b-C", "us-gov-west-1", false),
            ("arn:aws-cn:sns:cn-north-1:111122223333:alerts.fifo", "cn-north-1", true),
        ] {
            let topic: TopicArn = text.parse().expect(text);
            assert_eq!((topic.as_str(), topic.region(), topic.is_fifo()), (text, region, fifo));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        use TopicArnError::{Account, Name, NotATopic, NotAnArn, Region};
        let subscription = "arn:aws:sns:eu-west-1:111122223333:alerts:6b0e71bd-7e97-4d97-80ce-4a0994e55286";
        for (text, expected) in [
            ("", NotAnArn),
            ("alerts", NotAnArn),
            ("arn:aws:sns:eu-west-1", NotAnArn),
            ("arn:aws:sns:eu-west-1:111122223333", NotATopic),
            ("arn:aws:sqs:eu-west-1:111122223333:alerts", NotATopic),
            (subscription, NotATopic),
            ("arn:aws:sns::111122223333:alerts", Region),
            ("arn:aws:sns:eu-west-1:1111-2222:alerts", Account),
            ("arn:aws:sns:eu-west-1:111122223333:", Name),
            ("arn:aws:sns:eu-west-1:111122223333:.fifo", Name),
            ("arn:aws:sns:eu-west-1:111122223333:a b", Name),
        ] {
            assert_eq!(text.parse::<TopicArn>(), Err(expected), "{text}");
        }
    }
}
