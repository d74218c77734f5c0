//! `contrib/apache` on a real Apache.

use super::expectations::{self, Kind};

#[tokio::test]
async fn recorded_requests_are_answered_as_without_apache() {
    expectations::recorded_requests(Kind::Apache).await;
}

#[tokio::test]
async fn packages_and_forms_pass_untouched() {
    expectations::packages_and_forms(Kind::Apache).await;
}

#[tokio::test]
async fn the_rest_stays_with_the_site() {
    expectations::the_rest(Kind::Apache).await;
}

#[tokio::test]
async fn a_site_in_a_subdirectory() {
    expectations::subdirectory(Kind::Apache).await;
}

#[tokio::test]
async fn the_visitors_address_is_the_one_in_the_log() {
    expectations::visitors_address(Kind::Apache).await;
}

#[tokio::test]
async fn a_unix_socket() {
    expectations::unix_socket(Kind::Apache).await;
}

#[tokio::test]
async fn the_bridge_in_front_of_the_whole_site() {
    expectations::whole_site(Kind::Apache).await;
}

#[tokio::test]
async fn end_points_in_the_shadow_of_php() {
    expectations::shadow(Kind::Apache).await;
}

#[tokio::test]
async fn a_bridge_that_was_away() {
    expectations::restarts(Kind::Apache).await;
}
