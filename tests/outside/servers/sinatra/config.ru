# frozen_string_literal: true

require 'json'
require 'securerandom'
require 'sinatra/base'
require 'socket'
require 'time'

class Connections < Sinatra::Base
  NAME = /\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z/
  FLAVOR = { name: 'default', concurrency_type: 'exclusive', concurrency: 500, bandwidth_type: 'exclusive' }.freeze

  set :environment, :production
  set :projects, Hash.new { |projects, id| projects[id] = {} }
  set :lock, Mutex.new

  helpers do
    def refuse(status, code, message)
      halt status, { error_code: code, error_msg: message, request_id: @request_id }.to_json
    end

    def invalid(field)
      refuse 400, 'EG.00513000', "Invalid parameter: #{field}"
    end

    def authenticate
      case request.env['HTTP_X_AUTH_TOKEN']
      when ENV.fetch('TOKEN') then nil
      when ENV.fetch('LIMITED_TOKEN') then refuse 403, 'EG.00014030', 'No permissions to request this method'
      else refuse 401, 'EG.00014010', 'Incorrect token or token resolution failed'
      end
    end

    def wanted
      text = String.new(request.body.read, encoding: Encoding::UTF_8)
      refuse 400, 'EG.00014000', 'The body is not UTF-8' unless text.valid_encoding?
      body = JSON.parse(text)
      refuse 400, 'EG.00014000', 'The body is no object' unless body.is_a?(Hash)
      body
    rescue JSON::ParserError
      refuse 400, 'EG.00014000', 'The body is no JSON'
    end

    def text(body, field, most, default: nil)
      value = body.fetch(field, default)
      invalid field unless value.is_a?(String) && value.valid_encoding? && value.length <= most
      value
    end

    def find(connections)
      connections[params[:id]] || refuse(404, 'EG.00014040', 'Connection not found')
    end
  end

  before do
    @request_id = "#{SecureRandom.uuid}-#{Time.now.to_i}-#{Socket.gethostname}"
    headers 'X-Request-Id' => @request_id
    content_type :json
  end

  before '/v1/:project/connections*' do
    authenticate
  end

  post '/v1/:project/connections' do
    body = wanted
    name = text(body, 'name', 128)
    invalid 'name' if !NAME.match?(name) || name == 'default'
    now = Time.now.utc.iso8601
    connection = {
      id: SecureRandom.uuid,
      name: name,
      description: text(body, 'description', 255, default: ''),
      status: 'CREATING',
      vpc_id: text(body, 'vpc_id', 128),
      subnet_id: text(body, 'subnet_id', 128),
      agency: 'EG_TRUST',
      flavor: FLAVOR,
      created_time: now,
      updated_time: now
    }
    settings.lock.synchronize do
      connections = settings.projects[params[:project]]
      refuse 400, 'EG.00513001', 'Duplicate name' if connections.each_value.any? { |other| other[:name] == name }
      connections[connection[:id]] = connection
    end
    connection.to_json
  end

  get '/v1/:project/connections' do
    items = settings.lock.synchronize { settings.projects[params[:project]].values }
    items = items.select { |item| item[:name] == params[:name] } if params[:name]
    { total: items.size, size: items.size, items: items }.to_json
  end

  get '/v1/:project/connections/:id' do
    settings.lock.synchronize { find(settings.projects[params[:project]]) }.to_json
  end

  delete '/v1/:project/connections/:id' do
    settings.lock.synchronize do
      connections = settings.projects[params[:project]]
      connections.delete(find(connections)[:id])
    end
    status 204
  end

  error { refuse 500, 'EG.00015000', 'Internal Server Error' }
end

run Connections
