//! `contrib/apache` on a real Apache.

use super::expectations::{Kind, recorded, requests, standing};

#[tokio::test]
async fn recorded_requests_are_answered_as_without_apache() {
    recorded::recorded_requests(Kind::Apache).await;
}

#[tokio::test]
async fn packages_and_forms_pass_untouched() {
    requests::packages_and_forms(Kind::Apache).await;
}

#[tokio::test]
async fn the_rest_stays_with_the_site() {
    requests::the_rest(Kind::Apache).await;
}

#[tokio::test]
async fn a_site_in_a_subdirectory() {
    requests::subdirectory(Kind::Apache).await;
}

#[tokio::test]
async fn the_visitors_address_is_the_one_in_the_log() {
    requests::visitors_address(Kind::Apache).await;
}

#[tokio::test]
async fn update_xml_comes_through_with_its_headers() {
    requests::update_xml(Kind::Apache).await;
}

#[tokio::test]
async fn a_unix_socket() {
    standing::unix_socket(Kind::Apache).await;
}

#[tokio::test]
async fn the_bridge_in_front_of_the_whole_site() {
    standing::whole_site(Kind::Apache).await;
}

#[tokio::test]
async fn end_points_in_the_shadow_of_php() {
    standing::shadow(Kind::Apache).await;
}

#[tokio::test]
async fn a_bridge_that_was_away() {
    standing::restarts(Kind::Apache).await;
}

#[tokio::test]
async fn where_tls_ended_before_it_only_a_trusted_hop_is_believed() {
    requests::where_tls_ended(Kind::Apache).await;
}

#[tokio::test]
async fn a_form_that_names_its_end_point_got_the_component_s_access() {
    requests::forms_without_sef(Kind::Apache).await;
}

#[tokio::test]
async fn what_a_visitor_claims_about_the_way_does_not_reach_the_site() {
    standing::claims_about_the_way(Kind::Apache).await;
}

#[tokio::test]
async fn releases_are_uploaded_whole() {
    requests::uploads(Kind::Apache).await;
}
