{{/* What all pods have in common: who they run as. */}}
{{- define "darkroom.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "darkroom.image" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* The pod of a role. Takes (dict "root" $ "role" "api" "part" .Values.api). */}}
{{- define "darkroom.pod" -}}
{{- $values := .root.Values -}}
{{ include "darkroom.podSecurity" .root }}
{{- with $values.serviceAccount.name }}
serviceAccountName: {{ . }}
{{- end }}
# Beyond the drain: time for the port to close, and for what is given back.
terminationGracePeriodSeconds: {{ add $values.drainSeconds 20 }}
containers:
  - name: {{ .role }}
    {{- include "darkroom.image" .root | nindent 4 }}
    args: [serve, --role, {{ .role }}]
    envFrom:
      - secretRef:
          name: {{ required "secretName is required: the Secret with DATABASE_URL" $values.secretName }}
    env:
      - name: DARKROOM_STORAGE
        value: {{ required "storage is required: s3://BUCKET/PREFIX or gs://BUCKET/PREFIX" $values.storage | quote }}
      - name: DARKROOM_PUBLIC_URL
        value: {{ required "publicUrl is required: the address under which others reach Darkroom" $values.publicUrl | quote }}
      - name: DARKROOM_DRAIN_SECONDS
        value: {{ $values.drainSeconds | quote }}
      {{- if eq .role "worker" }}
      - name: DARKROOM_CONCURRENCY
        value: {{ .part.concurrency | quote }}
      {{- end }}
      {{- range $name, $value := $values.env }}
      - name: {{ $name }}
        value: {{ $value | quote }}
      {{- end }}
    ports:
      - name: http
        containerPort: 4600
    startupProbe:
      httpGet: { path: /healthz, port: http }
      periodSeconds: 2
      failureThreshold: 60
    livenessProbe:
      httpGet: { path: /healthz, port: http }
      periodSeconds: 10
      timeoutSeconds: 5
    readinessProbe:
      httpGet: { path: /readyz, port: http }
      periodSeconds: 5
      timeoutSeconds: 5
    {{- if eq .role "api" }}
    lifecycle:
      preStop:
        # Until nobody sends callers here any more.
        exec: { command: [sleep, "5"] }
    {{- end }}
    resources:
      {{- toYaml .part.resources | nindent 6 }}
    volumeMounts:
      - name: data
        mountPath: /data
      - name: tmp
        mountPath: /tmp
volumes:
  - name: data
    emptyDir:
      sizeLimit: {{ $values.spool.sizeLimit }}
  - name: tmp
    emptyDir: {}
{{- with .part.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
