//! `contrib/nginx` on a real nginx.

use super::forms::{self, Kind};

#[tokio::test]
async fn recorded_requests_are_answered_as_without_nginx() {
    forms::recorded_requests(Kind::Nginx).await;
}

#[tokio::test]
async fn packages_and_forms_pass_untouched() {
    forms::packages_and_forms(Kind::Nginx).await;
}

#[tokio::test]
async fn the_rest_stays_with_the_site() {
    forms::the_rest(Kind::Nginx).await;
}

#[tokio::test]
async fn a_site_in_a_subdirectory() {
    forms::subdirectory(Kind::Nginx).await;
}

#[tokio::test]
async fn the_visitors_address_is_the_one_in_the_log() {
    forms::visitors_address(Kind::Nginx).await;
}

#[tokio::test]
async fn a_unix_socket_and_a_bridge_that_starts_again() {
    forms::unix_socket(Kind::Nginx).await;
}

#[tokio::test]
async fn the_bridge_in_front_of_the_whole_site() {
    forms::whole_site(Kind::Nginx).await;
}
