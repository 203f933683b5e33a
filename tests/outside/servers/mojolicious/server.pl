#!/usr/bin/env perl
use Mojolicious::Lite -signatures;

use JSON::Validator;
use Mojo::Util qw(secure_compare);
use Sys::Hostname qw(hostname);
use Time::HiRes qw(time);
use Time::Piece qw(gmtime);

my $validator = JSON::Validator->new->schema({
  type       => 'object',
  required   => [qw(name vpc_id subnet_id)],
  properties => {
    name        => {type => 'string', maxLength => 128, pattern => '^[A-Za-z0-9][A-Za-z0-9._-]*\z', not => {enum => ['default']}},
    description => {type => 'string', maxLength => 255},
    vpc_id      => {type => 'string', maxLength => 128},
    subnet_id   => {type => 'string', maxLength => 128},
  },
});

my %projects;

sub uuid { join '-', map { join '', map { sprintf '%04x', int rand 0x10000 } 1 .. $_ } 2, 1, 1, 1, 3 }

helper refuse => sub ($c, $status, $code, $message) {
  $c->render(
    status => $status,
    json   => {error_code => $code, error_msg => $message, request_id => $c->stash('request_id')},
  );
  return undef;
};

helper find => sub ($c) {
  my $connection = $projects{$c->param('project')}{$c->param('id')};
  return $connection // $c->refuse(404, 'EG.00014040', 'Connection not found');
};

hook before_dispatch => sub ($c) {
  $c->stash(request_id => join '-', uuid(), int(time * 1000), hostname());
  $c->res->headers->header('X-Request-Id' => $c->stash('request_id'));
};

under '/v1/#project/connections' => sub ($c) {
  my $token = $c->req->headers->header('X-Auth-Token') // '';
  return $c->refuse(403, 'EG.00014030', 'No permissions to request this method')
    if secure_compare $token, $ENV{LIMITED_TOKEN};
  return $c->refuse(401, 'EG.00014010', 'Incorrect token or token resolution failed')
    unless secure_compare $token, $ENV{TOKEN};
  return 1;
};

post '/' => sub ($c) {
  my $new = $c->req->json;
  return $c->refuse(400, 'EG.00014000', 'Bad request') unless ref $new eq 'HASH';
  return $c->refuse(400, 'EG.00513000', 'Invalid parameter') if $validator->validate($new);
  my $connections = $projects{$c->param('project')} //= {};
  return $c->refuse(400, 'EG.00513001', 'Duplicate name') if grep { $_->{name} eq $new->{name} } values %$connections;
  my $now        = gmtime->datetime . 'Z';
  my $connection = {
    id           => uuid(),
    name         => $new->{name},
    description  => $new->{description} // '',
    status       => 'CREATING',
    vpc_id       => $new->{vpc_id},
    subnet_id    => $new->{subnet_id},
    agency       => 'EG_TRUST',
    flavor       => {name => 'default', concurrency_type => 'exclusive', concurrency => 500, bandwidth_type => 'exclusive'},
    created_time => $now,
    updated_time => $now,
  };
  $connections->{$connection->{id}} = $connection;
  $c->render(json => $connection);
};

get '/' => sub ($c) {
  my $name  = $c->req->query_params->param('name');
  my @items = grep { !defined $name || $_->{name} eq $name } values %{$projects{$c->param('project')} // {}};
  $c->render(json => {total => scalar @items, size => scalar @items, items => \@items});
};

get '/:id' => sub ($c) {
  my $connection = $c->find or return;
  $c->render(json => $connection);
};

del '/:id' => sub ($c) {
  my $connection = $c->find or return;
  delete $projects{$c->param('project')}{$connection->{id}};
  $c->rendered(204);
};

app->mode('production');
app->log->level('error');
app->start;
