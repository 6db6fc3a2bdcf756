//! Publishing: what is sent, what is refused before, and what each error of SNS means.

use trailhound_pipeline::{
    AlertId, Attribute, AttributeKind, GroupKey, Notification, Notifier, NotifyError, Receipt, TopicName,
};
use trailhound_rule_engine::Level;

use crate::adapters;
use crate::stub_server::{Answer, StubServer};

const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:alerts";

fn notification() -> Notification {
    Notification {
        alert: AlertId::new("rule", Some("111122223333"), Some("event"), "{}"),
        topic: TopicName::default(),
        group: GroupKey::new("rule", Some("111122223333"), Some("alice")),
        level: Level::High,
        subject: "[high] Trail stopped".to_owned(),
        body: "Somebody stopped a trail.".to_owned(),
        attributes: vec![text("level", "high")],
    }
}

fn text(name: &'static str, value: &str) -> Attribute {
    Attribute { name, value: value.to_owned(), kind: AttributeKind::String }
}

fn number(name: &'static str, value: &str) -> Attribute {
    Attribute { name, value: value.to_owned(), kind: AttributeKind::Number }
}

/// SNS took these entries, and failed those: identifier, code, whether it is the sender's fault.
fn answer(taken: &[&str], failed: &[(&str, &str, bool)]) -> Answer {
    let taken = taken.iter().map(|id| format!("<member><Id>{id}</Id><MessageId>m-{id}</MessageId></member>"));
    let taken = taken.collect::<Vec<_>>().concat();
    let failed = failed.iter().map(|(id, code, fault)| {
        let fault = format!("<SenderFault>{fault}</SenderFault>");
        format!("<member><Id>{id}</Id><Code>{code}</Code><Message>no</Message>{fault}</member>")
    });
    let failed = failed.collect::<Vec<_>>().concat();
    let body = format!(
        "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishBatchResult>\
         <Successful>{taken}</Successful><Failed>{failed}</Failed></PublishBatchResult></PublishBatchResponse>"
    );
    Answer::Whole(200, "Content-Type: text/xml\r\n", body.into_bytes())
}

fn accepted() -> Answer {
    answer(&["0"], &[])
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    );
    Answer::Whole(status, "Content-Type: text/xml\r\n", body.into_bytes())
}

async fn notify(server: &StubServer, notification: &Notification) -> Result<Receipt, NotifyError> {
    adapters(server, TOPIC).await.notifier.notify(std::slice::from_ref(notification)).await.remove(0)
}

#[tokio::test]
async fn subject_message_and_attributes_are_published_in_the_region_of_the_topic() {
    let server = StubServer::start([accepted()]);
    let attributes = vec![text("level", "high"), number("level_rank", "4")];
    let receipt = notify(&server, &Notification { attributes, ..notification() }).await.unwrap();
    assert_eq!(receipt.id, "m-0");
    let request = server.requests().remove(0);
    assert!(request.head.contains("/eu-central-1/sns/"), "{}", request.head);
    // The order of attributes is not the caller's.
    let name = |name| (1..=2).find(|n| request.body.contains(&format!("MessageAttributes.entry.{n}.Name={name}")));
    let (level, rank) = (name("level&").unwrap(), name("level_rank&").unwrap());
    for part in [
        "Action=PublishBatch&",
        "&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A111122223333%3Aalerts",
        ".Subject=%5Bhigh%5D%20Trail%20stopped",
        ".Message=Somebody%20stopped%20a%20trail.",
        &format!(".MessageAttributes.entry.{level}.Value.DataType=String"),
        &format!(".MessageAttributes.entry.{level}.Value.StringValue=high"),
        &format!(".MessageAttributes.entry.{rank}.Value.DataType=Number"),
        &format!(".MessageAttributes.entry.{rank}.Value.StringValue=4"),
    ] {
        assert!(request.body.contains(part), "{part} is not in {}", request.body);
    }
    assert!(!request.body.contains("MessageGroupId"), "{}", request.body);
}

#[tokio::test]
async fn a_fifo_topic_gets_the_group_and_the_alert_as_deduplication_identifier() {
    let server = StubServer::start([accepted()]);
    let adapters = adapters(&server, "arn:aws:sns:eu-west-1:111122223333:alerts.fifo").await;
    adapters.notifier.notify(&[notification()]).await.remove(0).unwrap();
    let body = server.requests().remove(0).body;
    let Notification { alert, group, .. } = notification();
    assert!(format!("{body}&").contains(&format!(".MessageGroupId={}&", group.as_str())), "{body}");
    assert!(format!("{body}&").contains(&format!(".MessageDeduplicationId={alert}&")), "{body}");
}

/// A notification and what is wrong with it.
fn refused() -> Vec<(Notification, &'static str)> {
    let subject = |subject: &str| Notification { subject: subject.to_owned(), ..notification() };
    let attributes = |attributes| Notification { attributes, ..notification() };
    let attribute = |name, value| attributes(vec![text(name, value)]);
    let eleven = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"].map(|name| text(name, "v")).to_vec();
    let twice = vec![text("a", "v"), number("a", "1")];
    vec![
        (subject(""), "empty or begins"),
        (subject(" x"), "empty or begins"),
        (subject("a\nb"), "line break"),
        (subject("a\u{7f}b"), "line break"),
        (subject(&"ü".repeat(100)), "100 characters"),
        (Notification { body: String::new(), ..notification() }, "message is empty"),
        (attributes(eleven), "11 attributes"),
        (attributes(twice), "there twice"),
        (attribute("level", ""), "is empty"),
        (attribute("level", "🔥"), "basic multilingual plane"),
        (attribute("", "v"), "attribute name"),
        (attribute("a b", "v"), "attribute name"),
        (attribute("a..b", "v"), "attribute name"),
        (attribute(".a", "v"), "attribute name"),
        (attribute("aws.level", "v"), "attribute name"),
        (attributes(vec![number("level_rank", "1000000001")]), "no number between"),
        (attributes(vec![number("level_rank", "four")]), "no number between"),
    ]
}

#[tokio::test]
async fn what_sns_would_refuse_is_not_sent() {
    let server = StubServer::start([accepted()]);
    for (notification, expected) in refused() {
        let Err(NotifyError::Rejected(reason)) = notify(&server, &notification).await else { panic!("{expected}") };
        assert!(reason.contains(expected), "{reason}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_limit_counts_bytes_and_attributes() {
    let server = StubServer::start([accepted()]);
    let attributes = "level".len() + "String".len() + "high".len();
    let fits = "ü".repeat((256 * 1024 - attributes) / 2);
    notify(&server, &Notification { body: fits.clone(), ..notification() }).await.unwrap();
    let error = notify(&server, &Notification { body: fits + "ü", ..notification() }).await.unwrap_err();
    assert!(matches!(error, NotifyError::TooLarge), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn every_error_is_sorted_by_what_is_to_be_done() {
    for (status, code, message, expected) in [
        (404, "NotFound", "Topic does not exist", "rejected"),
        (403, "AuthorizationError", "not authorized to perform sns:Publish", "rejected"),
        (400, "KMSAccessDenied", "no access", "rejected"),
        (400, "InvalidParameter", "Invalid parameter: Subject", "rejected"),
        (400, "InvalidParameter", "Invalid parameter: Message too long", "too large"),
        (400, "KMSThrottling", "slow down", "transient"),
        (403, "ExpiredToken", "expired", "transient"),
        (400, "Throttling", "Rate exceeded", "transient"),
        (500, "InternalError", "oops", "transient"),
    ] {
        let server = StubServer::start([error(status, code, message)]);
        let error = notify(&server, &notification()).await.expect_err(code);
        let (kind, reason) = match &error {
            NotifyError::TooLarge => ("too large", &message.to_owned()),
            NotifyError::Rejected(reason) => ("rejected", reason),
            NotifyError::Transient(reason) => ("transient", reason),
        };
        assert_eq!(kind, expected, "{code}");
        assert!(reason.contains(message), "{code}: {reason}");
    }
}

#[tokio::test]
async fn throttling_is_repeated_until_it_passes() {
    let server = StubServer::start([error(400, "Throttling", "Rate exceeded"), Answer::HangUp, accepted()]);
    notify(&server, &notification()).await.unwrap();
    assert_eq!(server.requests().len(), 3);
}

/// So many notifications, each an alert of its own.
fn several(count: usize) -> Vec<Notification> {
    let one = |number: usize| AlertId::new("rule", None, Some(&number.to_string()), "");
    (0..count).map(|number| Notification { alert: one(number), ..notification() }).collect()
}

#[tokio::test]
async fn ten_go_in_one_call_and_entries_stay_in_their_order() {
    let ids: Vec<String> = (0..12).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let server = StubServer::start([answer(&ids[..10], &[]), answer(&ids[10..], &[])]);
    let receipts = adapters(&server, TOPIC).await.notifier.notify(&several(12)).await;
    let received: Vec<String> = receipts.into_iter().map(|receipt| receipt.unwrap().id).collect();
    assert_eq!(received, ids.iter().map(|id| format!("m-{id}")).collect::<Vec<_>>());
    assert_eq!(server.requests().len(), 2);
    assert!(server.requests()[0].body.contains("member.10.Id=9") && !server.requests()[0].body.contains("member.11."));
}

#[tokio::test]
async fn a_call_takes_no_more_bytes_than_one_notification_may_have() {
    let server = StubServer::start([answer(&["0", "1"], &[]), answer(&["2"], &[])]);
    let mut notifications = several(3);
    for notification in &mut notifications {
        notification.body = "x".repeat(100_000);
    }
    let receipts = adapters(&server, TOPIC).await.notifier.notify(&notifications).await;
    assert!(receipts.iter().all(Result::is_ok), "{receipts:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn only_what_failed_is_sent_again() {
    let server = StubServer::start([
        answer(&["0"], &[("1", "InternalError", false), ("2", "InvalidParameter", true), ("3", "Throttled", true)]),
        answer(&["3"], &[("1", "InternalError", false)]),
        answer(&["1"], &[]),
    ]);
    let receipts = adapters(&server, TOPIC).await.notifier.notify(&several(4)).await;
    let told: Vec<String> = receipts
        .into_iter()
        .map(|receipt| receipt.map_or_else(|error| error.to_string(), |receipt| receipt.id))
        .collect();
    assert_eq!(told, ["m-0", "m-1", "the notification was rejected: InvalidParameter: no", "m-3"]);
    let sent: Vec<usize> = server.requests().iter().map(|request| request.body.matches(".Id=").count()).collect();
    assert_eq!(sent, [4, 2, 1]);
}

#[tokio::test]
async fn an_entry_that_fails_for_ever_is_transient() {
    let server = StubServer::start([answer(&[], &[("0", "InternalError", false)])]);
    let error = notify(&server, &notification()).await.unwrap_err();
    assert_eq!(error, NotifyError::Transient("InternalError: no".to_owned()));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn an_entry_that_spoils_the_call_is_found_and_the_others_go() {
    let server = StubServer::start([
        error(400, "InvalidParameter", "Invalid parameter: Subject"),
        answer(&["0"], &[]),
        error(400, "InvalidParameter", "Invalid parameter: Subject"),
    ]);
    let receipts = adapters(&server, TOPIC).await.notifier.notify(&several(2)).await;
    assert!(receipts[0].is_ok() && matches!(receipts[1], Err(NotifyError::Rejected(_))), "{receipts:?}");
}

#[tokio::test]
async fn a_topic_that_nobody_configured_is_refused() {
    let server = StubServer::start([accepted()]);
    let elsewhere = Notification { topic: TopicName::new("other").unwrap(), ..notification() };
    let error = notify(&server, &elsewhere).await.unwrap_err();
    assert_eq!(error, NotifyError::Rejected("there is no topic `other`".to_owned()));
    assert!(server.requests().is_empty());
}
