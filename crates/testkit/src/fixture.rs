//! The rows of the site that the recordings were made on, for any of the databases.
//!
//! `tests/vectors/fixture.json` holds accounts, groups, access levels and jBackend's own
//! extensions. The rows that every Joomla has besides (its own version, the option for guests, its
//! login plugin) are added here.

use std::sync::OnceLock;

use serde::Deserialize;

/// The kind of tables that the rows go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Joomla 3.10 on MariaDB, with zero dates.
    Joomla3,
    /// Joomla 5.3 on MariaDB.
    Joomla5,
    /// Joomla 5.3's columns on SQLite.
    Sqlite,
}

#[derive(Deserialize)]
struct Fixture {
    prefix: String,
    secret: String,
    recipe: String,
    users: Vec<UserFacts>,
    user_usergroup_map: Vec<(i64, i64)>,
    usergroups: Vec<GroupFacts>,
    viewlevels: Vec<LevelFacts>,
    extensions: Vec<ExtensionFacts>,
    menu: Vec<MenuFacts>,
    jbackend_keys: Vec<KeyFacts>,
}

#[derive(Deserialize)]
struct MenuFacts {
    id: u32,
    menutype: String,
    title: String,
    alias: String,
    path: String,
    link: String,
    #[serde(rename = "type")]
    kind: String,
    published: i64,
    parent_id: u32,
    level: u32,
    component_id: u32,
    access: u32,
    params: String,
    home: u32,
    language: String,
    client_id: u32,
}

#[derive(Deserialize)]
struct KeyFacts {
    id: u32,
    key: String,
    user_id: u32,
    daily_requests: u32,
    expiration_date: String,
    published: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserFacts {
    id: i64,
    name: String,
    username: String,
    email: String,
    password: String,
    block: i64,
    activation: String,
    require_reset: i64,
}

#[derive(Deserialize)]
struct GroupFacts {
    id: u32,
    parent_id: u32,
    lft: i64,
    rgt: i64,
    title: String,
}

#[derive(Deserialize)]
struct LevelFacts {
    id: u32,
    title: String,
    rules: Vec<u32>,
}

#[derive(Deserialize)]
struct ExtensionFacts {
    #[serde(rename = "type")]
    kind: String,
    element: String,
    folder: String,
    enabled: i64,
    access: u32,
    params: String,
}

/// Stands in for the recorded hash of Mia's password, which takes 64 MiB and a fifth of a second:
/// each refused login of each test would take as long as hers.
const MIA: (&str, &str) = (
    "mia",
    "$argon2id$v=19$m=1024,t=1,p=1$bHZYWGxRSVYxQ3RyVjcwMw$KZnTZa/NSQL+8WUW3lNvVhcwsRKc86VWbQzlsU4xTNs",
);

/// Returns the table prefix of the fixture.
pub fn prefix() -> &'static str {
    &fixture().prefix
}

/// Puts the prefix in place of `#__` in a statement.
pub fn sql(statement: &str) -> String {
    statement.replace("#__", prefix())
}

/// Returns Joomla's secret on the recorded site.
pub fn secret() -> &'static str {
    &fixture().secret
}

/// Returns the recipe of its license keys.
pub fn recipe() -> &'static str {
    &fixture().recipe
}

/// Lists menu item, path and params of the end-points that guests may see.
pub fn endpoints() -> Vec<(u32, String, String)> {
    let is_ours = |item: &&MenuFacts| {
        item.link == "index.php?option=com_jbackend&view=request"
            && item.published == 1
            && item.access == 1
    };
    let items = fixture().menu.iter().filter(is_ours);
    items.map(|item| (item.id, item.path.clone(), item.params.clone())).collect()
}

/// Makes the statements that create the tables and fill them, with the fixture's prefix.
/// Backslashes in their texts are plain characters.
pub fn statements(schema: Schema) -> Vec<String> {
    let fixture = fixture();
    let mut statements = tables(schema);
    statements.extend(fixture.users.iter().map(|user| insert_user(user, schema)));
    statements.extend(fixture.user_usergroup_map.iter().map(|(user, group)| {
        format!("INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES ({user}, {group})")
    }));
    statements.extend(fixture.usergroups.iter().map(|group| {
        format!(
            "INSERT INTO #__usergroups (id, parent_id, lft, rgt, title) \
             VALUES ({}, {}, {}, {}, {})",
            group.id,
            group.parent_id,
            group.lft,
            group.rgt,
            quoted(&group.title)
        )
    }));
    statements.extend(fixture.viewlevels.iter().map(|level| {
        let rules = format!("{:?}", level.rules).replace(' ', "");
        format!(
            "INSERT INTO #__viewlevels (id, title, rules) VALUES ({}, {}, {})",
            level.id,
            quoted(&level.title),
            quoted(&rules)
        )
    }));
    let extensions = fixture.extensions.iter();
    statements.extend(extensions.map(|row| insert_extension(row, "", schema)));
    statements.extend(joomla_itself(schema));
    statements.extend(fixture.menu.iter().map(insert_menu_item));
    if schema != Schema::Sqlite {
        statements.extend(fixture.jbackend_keys.iter().map(insert_key));
    }
    for statement in &mut statements {
        *statement = statement.replace("#__", prefix());
    }
    statements
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        serde_json::from_str(include_str!("../../../tests/vectors/fixture.json"))
            .expect("fixture.json")
    })
}

fn tables(schema: Schema) -> Vec<String> {
    let common = concat!(
        include_str!("../../../sql/joomla_any_mysql.sql"),
        include_str!("../../../sql/jbackend_mysql.sql")
    );
    let (own, common) = match schema {
        Schema::Joomla3 => (include_str!("../../../sql/joomla3_mysql.sql"), common),
        Schema::Joomla5 => (include_str!("../../../sql/joomla_mysql.sql"), common),
        Schema::Sqlite => (include_str!("../../../sql/joomla_sqlite.sql"), ""),
    };
    let sql = format!("{own}{common}");
    let code = sql.lines().filter(|line| !line.starts_with("--"));
    let code = code.collect::<Vec<_>>().join("\n");
    let statements = code.split(';').map(str::trim);
    let statements = statements.filter(|statement| !statement.is_empty());
    statements.map(str::to_owned).collect()
}

fn insert_user(user: &UserFacts, schema: Schema) -> String {
    let (columns, values) = match schema {
        Schema::Joomla3 => (", params", ", ''"),
        Schema::Joomla5 => (", params, registerDate", ", '', '2024-02-29 12:00:00'"),
        Schema::Sqlite => ("", ""),
    };
    format!(
        "INSERT INTO #__users \
         (id, name, username, email, password, block, activation, requireReset{columns}) \
         VALUES ({}, {}, {}, {}, {}, {}, {}, {}{values})",
        user.id,
        quoted(&user.name),
        quoted(&user.username),
        quoted(&user.email),
        quoted(if user.username == MIA.0 { MIA.1 } else { &user.password }),
        user.block,
        quoted(&user.activation),
        user.require_reset
    )
}

fn insert_extension(row: &ExtensionFacts, manifest: &str, schema: Schema) -> String {
    let (columns, values) = match schema {
        Schema::Joomla3 => (", custom_data, system_data", ", '', ''"),
        Schema::Joomla5 => (", custom_data", ", ''"),
        Schema::Sqlite => ("", ""),
    };
    format!(
        "INSERT INTO #__extensions \
         (name, type, element, folder, client_id, enabled, access, params, manifest_cache{columns}) \
         VALUES ({element}, {}, {element}, {}, 0, {}, {}, {}, {}{values})",
        quoted(&row.kind),
        quoted(&row.folder),
        row.enabled,
        row.access,
        quoted(&row.params),
        quoted(manifest),
        element = quoted(&row.element),
    )
}

fn insert_menu_item(item: &MenuFacts) -> String {
    format!(
        "INSERT INTO #__menu (id, menutype, title, alias, path, link, type, published, parent_id, \
         level, component_id, access, params, home, language, client_id) \
         VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        item.id,
        quoted(&item.menutype),
        quoted(&item.title),
        quoted(&item.alias),
        quoted(&item.path),
        quoted(&item.link),
        quoted(&item.kind),
        item.published,
        item.parent_id,
        item.level,
        item.component_id,
        item.access,
        quoted(&item.params),
        item.home,
        quoted(&item.language),
        item.client_id
    )
}

fn insert_key(key: &KeyFacts) -> String {
    format!(
        "INSERT INTO #__jbackend_keys (id, `key`, user_id, daily_requests, expiration_date, \
         published) VALUES ({}, {}, {}, {}, {}, {})",
        key.id,
        quoted(&key.key),
        key.user_id,
        key.daily_requests,
        quoted(&key.expiration_date),
        key.published
    )
}

fn joomla_itself(schema: Schema) -> Vec<String> {
    let version = match schema {
        Schema::Joomla3 => "3.10.11",
        Schema::Joomla5 | Schema::Sqlite => "5.3.2",
    };
    let manifest = format!(r#"{{"name":"files_joomla","type":"file","version":"{version}"}}"#);
    let row = |kind: &str, folder: &str, element: &str, enabled, params: &str| ExtensionFacts {
        kind: kind.to_owned(),
        folder: folder.to_owned(),
        element: element.to_owned(),
        enabled,
        access: 1,
        params: params.to_owned(),
    };
    let guests = r#"{"allowUserRegistration":"0","guest_usergroup":"9"}"#;
    vec![
        insert_extension(&row("file", "", "joomla", 1, ""), &manifest, schema),
        insert_extension(&row("component", "", "com_users", 1, guests), "", schema),
        insert_extension(&row("plugin", "authentication", "joomla", 1, "{}"), "", schema),
        insert_extension(&row("plugin", "authentication", "ldap", 0, "{}"), "", schema),
        insert_extension(&row("plugin", "twofactorauth", "totp", 0, "{}"), "", schema),
        insert_extension(&row("plugin", "system", "sef", 1, "{}"), "", schema),
    ]
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
